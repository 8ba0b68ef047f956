/** Asks before somebody leaves what is not saved: by a link of the console, or by closing or reloading the page. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

export function Guard(props: { unsaved: boolean; discard: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [to, setTo] = useState("");

  useEffect(() => {
    if (!props.unsaved) {
      return undefined;
    }
    const follow = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
      const href = link?.getAttribute("href") ?? "";
      const stays = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || !href.startsWith("#/");
      if (link === null || stays || href === location.hash) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      setTo(href);
      dialog.current?.showModal();
    };
    const close = (event: BeforeUnloadEvent): void => event.preventDefault();
    document.addEventListener("click", follow, true);
    addEventListener("beforeunload", close);
    return () => {
      document.removeEventListener("click", follow, true);
      removeEventListener("beforeunload", close);
    };
  }, [props.unsaved]);

  function leave(discarding: boolean): void {
    dialog.current?.close();
    if (discarding) {
      props.discard();
    }
    location.hash = to;
  }

  return (
    <dialog ref={dialog} aria-label="Not saved">
      <h2>Not saved</h2>
      <p>What you changed is not saved. It can wait in this tab until you come back.</p>
      <div class="choices">
        <button type="button" class="primary" onClick={() => dialog.current?.close()}>
          Stay here
        </button>
        <button type="button" onClick={() => leave(false)}>
          Leave, and keep it here
        </button>
        <button type="button" onClick={() => leave(true)}>
          Discard it
        </button>
      </div>
    </dialog>
  );
}
