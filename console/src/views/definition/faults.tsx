/** Everything that is wrong with a definition, as a list whose entries lead to their places. */
import type { JSX } from "preact";
import type { Fault, Place } from "./places";

export function Faults(props: { of: readonly Fault[]; judging: boolean; text: string; show: (place: Place) => void }): JSX.Element {
  const errors = props.of.filter((each) => each.severity === "error").length;
  const warnings = props.of.length - errors;
  return (
    <section aria-label="Faults">
      <h2 class="faults-title">
        <span role="status">{props.of.length === 0 ? "No faults" : [counted(errors, "error"), counted(warnings, "warning")].filter(Boolean).join(", ")}</span>
        {props.judging && <span class="faint"> checking …</span>}
      </h2>
      {errors > 0 && <p class="faint">Errors do not keep a definition from being saved. They forbid its activation.</p>}
      <ol class="faults">
        {props.of.map((each) => (
          <li key={`${each.subject} ${each.message}`}>
            <span class={`status ${each.severity === "error" ? "bad" : "waiting"}`}>{each.severity}</span>
            <div>
              <Jump fault={each} text={props.text} show={props.show} />
              <p class="message">{each.message}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Jump(props: { fault: Fault; text: string; show: (place: Place) => void }): JSX.Element {
  const { place, subject } = props.fault;
  if (place === undefined) {
    return <strong>{subject === "" ? "The definition" : subject}</strong>;
  }
  const line = props.text.slice(0, place.from).split("\n").length;
  return (
    <button type="button" class="jump" onClick={() => props.show(place)}>
      {subject === "" ? "" : `${subject}, `}line {line}
    </button>
  );
}

function counted(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}`;
}
