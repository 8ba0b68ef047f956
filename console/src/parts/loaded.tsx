/** What a view asks the API for, in its states: under way, failed, there. */
import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Refusal } from "../api/client";

export interface Loaded<T> {
  value: T | undefined;
  failure: Error | undefined;
  again: () => void;
}

/** Ask when shown and whenever `on` changes; every `seconds` too, while the page is looked at. */
export function useLoaded<T>(ask: () => Promise<T>, on: readonly unknown[], seconds?: number): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [failure, setFailure] = useState<Error>();
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((number) => number + 1), []);
  useEffect(() => {
    setValue(undefined);
    setFailure(undefined);
  }, on);
  useEffect(() => {
    let left = false;
    ask().then(
      (found) => {
        if (!left) {
          setValue(() => found);
          setFailure(undefined);
        }
      },
      (error: unknown) => {
        if (!left) {
          setFailure(error instanceof Error ? error : new Error(String(error)));
        }
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
  return { value, failure, again };
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
