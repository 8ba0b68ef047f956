/** A button for something that changes a pipeline: says what will follow, asks, does it, tells what came of it. */
import type { ComponentChildren, JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { refusedFor } from "../session/session";

export interface OrderProps {
  name: string;
  /** What will follow; shown, and asked for, once somebody thinks of it. */
  follows: ComponentChildren;
  act: () => Promise<unknown>;
  done: () => void;
  scope?: "penstock/operate" | "penstock/write";
  dangerous?: boolean;
  /** What has to be typed first, for what cannot be taken back. */
  typed?: string;
}

export function Order(props: OrderProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const needed = props.scope ?? "penstock/operate";
  const refused = refusedFor(needed);

  async function carryOut(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      await props.act();
      dialog.current?.close();
      props.done();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <button
        type="button"
        disabled={refused !== undefined}
        title={refused}
        onClick={() => {
          setFailure(undefined);
          setOpen(true);
          setTyped("");
          dialog.current?.showModal();
        }}
      >
        {props.name}
      </button>
      <dialog ref={dialog} aria-label={props.name} onClose={() => setOpen(false)}>
        <h2>{props.name}?</h2>
        <div>{open && props.follows}</div>
        {props.typed !== undefined && (
          <label class="typed">
            Type <strong>{props.typed}</strong> to go on
            <input value={typed} autoComplete="off" onInput={(event) => setTyped(event.currentTarget.value)} />
          </label>
        )}
        {failure !== undefined && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
        <div class="choices">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button
            type="button"
            class={props.dangerous === true ? "primary dangerous" : "primary"}
            disabled={busy || (props.typed !== undefined && typed.trim() !== props.typed.trim())}
            onClick={() => void carryOut()}
          >
            {busy ? "At it …" : props.name}
          </button>
        </div>
      </dialog>
    </>
  );
}
