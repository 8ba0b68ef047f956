/** One event in pieces that every list of them uses. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import type { components } from "../../api/schema";
import { toRun } from "../../parts/address";

export type Event = components["schemas"]["EventPage"]["items"][number];

const SHOWN: Readonly<Record<Event["standing"], [string, string]>> = {
  pending: ["waiting", "… waits"],
  taken: ["good", "✓ taken"],
  dead: ["bad", "✕ dead"],
};

export function Standing(props: { of: Event["standing"] }): JSX.Element {
  const [tone, words] = SHOWN[props.of];
  return <span class={`status ${tone}`}>{words}</span>;
}

export function RunOf(props: { pipeline: string; event: Event }): JSX.Element {
  const { runId } = props.event;
  return runId === undefined ? <span class="faint">no run yet</span> : <Link href={toRun(props.pipeline, runId)}>{runId}</Link>;
}

/** What tells events apart comes first; headers of a call hardly do. */
const FIRST = ["@bucket", "@key", "@payload", "@topic", "@streamName", "@fragmentNumber"];
const LAST = "@headers";
const LONGEST = 90;

function lineOf(fields: Event["fields"]): string {
  const others = Object.keys(fields).filter((key) => !FIRST.includes(key) && key !== LAST);
  const told = [...FIRST, ...others].map((key) => fields[key]).filter((value) => value !== undefined && value !== "");
  const line = told.join(" · ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)} …` : line;
}

/** What the event says, in a line that opens. */
export function Fields(props: { of: Event }): JSX.Element {
  const { fields } = props.of;
  const line = lineOf(fields);
  return (
    <details class="fields">
      <summary>{line === "" ? "an event without fields" : line}</summary>
      <dl class="facts">
        {Object.entries(fields).map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd class="code">{value}</dd>
          </div>
        ))}
        {props.of.replay !== undefined && (
          <div>
            <dt>from the replay</dt>
            <dd class="code">{props.of.replay}</dd>
          </div>
        )}
      </dl>
    </details>
  );
}
