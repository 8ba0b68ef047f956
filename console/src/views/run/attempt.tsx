/** One try of an instance: how it ended and why, who did it, what it came to, how far it is. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import type { components } from "../../api/schema";
import { toInstance } from "../../parts/address";
import { Moment, lasted, span } from "../../parts/moment";
import { Status } from "../../parts/status";
import { Fact, dollars } from "./run";
import { nameOf } from "./foreseen";

export type Attempt = components["schemas"]["Attempt"];

const PROGRESS: Readonly<Record<string, string>> = {
  itemsInferred: "Items done",
  itemsFailed: "Items failed",
  itemsMatched: "Items matched",
  objectsCopied: "Objects copied",
  rowsCopied: "Rows copied",
  bytesCopied: "Bytes copied",
  framesCopied: "Frames copied",
};
/** Told elsewhere in the view. */
const TOLD = new Set(["hostname", "modelCalls"]);

export function AttemptPart(props: { pipeline: string; of: Attempt; children?: preact.ComponentChildren }): JSX.Element {
  const { of } = props;
  return (
    <article class="attempt" aria-label={`Attempt ${of.number}`}>
      <div class="title">
        <h3>Attempt {of.number}</h3>
        <Status of={of.status} />
        <span class="faint">
          <Moment at={of.startedAt ?? of.createdAt} />
        </span>
      </div>
      {of.error !== undefined && <Fault of={of.error} />}
      <dl class="facts">
        <Fact name="Took">{of.startedAt === undefined ? "–" : lasted(of.startedAt, of.endedAt)}</Fact>
        {of.startedAt !== undefined && (
          <Fact name="Waited before">{span((Date.parse(of.startedAt) - Date.parse(of.createdAt)) / 1000)}</Fact>
        )}
        {of.worker !== undefined && (
          <Fact name="Done by">
            <Worker pipeline={props.pipeline} of={of} />
          </Fact>
        )}
        {of.progressAt !== undefined && of.endedAt === undefined && (
          <Fact name="Last heard of">
            <Moment at={of.progressAt} relative />
          </Fact>
        )}
        {of.spent.modelCalls > 0 && <Fact name="Model calls">{of.spent.modelCalls.toLocaleString()}</Fact>}
        <Fact name="Cost, estimated">{dollars(of.spent.usd)}</Fact>
        {Object.entries(of.reported)
          .filter(([key]) => !TOLD.has(key))
          .map(([key, value]) => (
            <Fact key={key} name={PROGRESS[key] ?? key}>
              <span class="long">{/^\d+$/.test(value) ? Number(value).toLocaleString() : value}</span>
            </Fact>
          ))}
      </dl>
      {props.children}
    </article>
  );
}

function Worker(props: { pipeline: string; of: Attempt }): JSX.Element {
  const worker = props.of.worker;
  switch (worker?.kind) {
    case "machine":
      return (
        <>
          {worker.machine === undefined ? (
            "a machine"
          ) : (
            <Link href={toInstance(props.pipeline, worker.machine)}>{nameOf(worker.machine)}</Link>
          )}
          {worker.name !== undefined && <span class="id"> {worker.name}</span>}
        </>
      );
    case "taskRunner":
      return (
        <>
          Task Runner {worker.name !== undefined && <span class="id">{worker.name}</span>}
          {worker.workerGroup !== undefined && <span class="faint"> of {worker.workerGroup}</span>}
        </>
      );
    default:
      return <>a function</>;
  }
}

function Fault(props: { of: NonNullable<Attempt["error"]> }): JSX.Element {
  const { errorId, message, stackTrace } = props.of;
  return (
    <>
      <p class="said">
        <strong>{errorId}</strong> {message}
      </p>
      {stackTrace !== undefined && (
        <details open>
          <summary>Stack trace</summary>
          <div class="trace">
            <pre tabIndex={0} aria-label="Stack trace">
              {stackTrace}
            </pre>
            <Copy text={stackTrace} />
          </div>
        </details>
      )}
    </>
  );
}

function Copy(props: { text: string }): JSX.Element {
  const [told, setTold] = useState("Copy");
  return (
    <button
      type="button"
      onClick={() => {
        navigator.clipboard.writeText(props.text).then(
          () => setTold("Copied"),
          () => setTold("Not permitted"),
        );
      }}
    >
      {told}
    </button>
  );
}
