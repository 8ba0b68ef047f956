/** A link that looks like a button, to a view where something is changed: closed, with the reason, to who may not. */
import type { ComponentChildren, JSX } from "preact";
import { Link } from "wouter-preact";
import { refusedFor } from "../session/session";

export interface DoorProps {
  to: string;
  scope: "penstock/operate" | "penstock/write";
  /** What it is called where its words alone do not tell it from others. */
  label?: string;
  class?: string;
  children: ComponentChildren;
}

export function Door(props: DoorProps): JSX.Element {
  const refused = refusedFor(props.scope);
  const named = props.label === undefined ? {} : { "aria-label": props.label };
  return refused === undefined ? (
    <Link href={props.to} class={`button ${props.class ?? ""}`} {...named}>
      {props.children}
    </Link>
  ) : (
    <button type="button" disabled title={refused} {...named}>
      {props.children}
    </button>
  );
}
