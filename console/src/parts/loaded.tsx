/** What a view asks the API for, in its states: under way, failed, there. */
import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Refusal } from "../api/client";

export interface Loaded<T> {
  value: T | undefined;
  failure: Error | undefined;
  again: () => void;
}

/** What came of asking, and about what. */
interface Told<T> {
  on: readonly unknown[];
  value: T | undefined;
  failure: Error | undefined;
}

/** Ask when shown and whenever `on` changes; every `seconds` too, while the page is looked at.
 *
 * What was told about something else is never shown, not even until the effects of the next frame have run.
 */
export function useLoaded<T>(ask: () => Promise<T>, on: readonly unknown[], seconds?: number): Loaded<T> {
  const [told, setTold] = useState<Told<T>>();
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((number) => number + 1), []);
  useEffect(() => {
    let left = false;
    ask().then(
      (value) => left || setTold({ on, value, failure: undefined }),
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        return left || setTold((before) => ({ on, value: isAbout(before, on) ? before.value : undefined, failure }));
      },
    );
    return () => {
      left = true;
    };
  }, [...on, turn]);
  useEffect(() => {
    if (seconds === undefined) {
      return undefined;
    }
    const timer = setInterval(() => document.hidden || again(), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, again]);
  return isAbout(told, on) ? { value: told.value, failure: told.failure, again } : { value: undefined, failure: undefined, again };
}

function isAbout<T>(told: Told<T> | undefined, on: readonly unknown[]): told is Told<T> {
  return told !== undefined && told.on.length === on.length && told.on.every((each, at) => Object.is(each, on[at]));
}

/** Shows one of the three states. `heads`: the view has its heading from the value, and from the failure without one. */
export function Show<T>(props: {
  of: Loaded<T>;
  what: string;
  heads?: boolean;
  children: (value: T) => ComponentChildren;
}): JSX.Element {
  const { value, failure, again } = props.of;
  if (value !== undefined) {
    return (
      <>
        {failure !== undefined && <Failure error={failure} what={props.what} again={again} />}
        {props.children(value)}
      </>
    );
  }
  if (failure !== undefined) {
    return <Failure error={failure} what={props.what} again={again} heads={props.heads === true} />;
  }
  return (
    <div class="loading" aria-busy="true">
      <p role="status">Loading {props.what} …</p>
      <div class="bones" aria-hidden="true">
        <span />
        <span />
        <span />
      </div>
    </div>
  );
}

/** What went wrong, in the service's words, and a way to try once more. */
export function Failure(props: { error: Error; what: string; again?: () => void; heads?: boolean }): JSX.Element {
  const { error } = props;
  const told = error instanceof Refusal && error.status === 404 ? `No such ${props.what}` : `Could not load ${props.what}`;
  return (
    <div class="failure" role="alert">
      {props.heads === true ? <h1>{told}</h1> : <strong>{told}</strong>}
      <p>{error.message}</p>
      {props.again !== undefined && (
        <button type="button" onClick={props.again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Nothing to list, and what would change that. */
export function Empty(props: { children: ComponentChildren }): JSX.Element {
  return <div class="empty">{props.children}</div>;
}
