/** Coming to a view: the document is called as its heading is, and the keyboard starts there. */
import { useEffect, useRef } from "preact/hooks";

const NAME = "Penstock";
/** Whether the view that the page was opened with has shown what it has to show: what its time is measured by. */
let usable = false;
const ACTS = ["keydown", "pointerdown"] as const;

/**
 * Until the person does something, focus rests on the view's heading, also when that comes late or is replaced. The page
 * that was opened first keeps its focus, so that the keyboard finds the link that skips to the content.
 */
export function useArrival(path: string, within: string | undefined): void {
  const first = useRef(true);
  useEffect(() => {
    const main = document.getElementById("main") as HTMLElement;
    let resting = !first.current;
    first.current = false;
    if (resting) {
      scrollTo(0, 0);
    }
    const look = (): void => {
      const heading = main.querySelector("h1");
      document.title = [heading?.textContent ?? undefined, within, NAME].filter(distinct).join(" · ");
      if (heading !== null && resting && !main.contains(document.activeElement)) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
      }
      if (heading !== null && !usable && main.querySelector("[aria-busy=true]") === null) {
        usable = true;
        performance.mark("usable");
      }
    };
    const act = (): void => {
      resting = false;
    };
    const observer = new MutationObserver(look);
    observer.observe(main, { childList: true, subtree: true, characterData: true });
    ACTS.forEach((each) => addEventListener(each, act, { once: true, capture: true }));
    look();
    return () => {
      observer.disconnect();
      ACTS.forEach((each) => removeEventListener(each, act, { capture: true }));
    };
  }, [path, within]);
}

function distinct(word: string | undefined, at: number, all: readonly (string | undefined)[]): boolean {
  return word !== undefined && word !== "" && all.indexOf(word) === at;
}
