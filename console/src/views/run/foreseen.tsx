/** What an order would lead to, as the engine foresees it: asked when the order is thought of, before it is given. */
import type { JSX } from "preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { Failure, useLoaded } from "../../parts/loaded";
import { Status } from "../../parts/status";

export type Consequences = components["schemas"]["Consequences"];
export type OrderName = Exclude<Consequences["order"], "pause" | "resume">;
type Change = Consequences["changes"][number];
type Deed = Consequences["deeds"][number];

const LISTED = 12;

/** Of an order for an instance or for a run; `run` is the one looked at, so that others are named. */
export function Foreseen(props: {
  pipeline: string;
  order: OrderName;
  instance?: string;
  run: string;
  which?: "failed" | "all";
}): JSX.Element {
  const { pipeline, order, instance, run, which } = props;
  const found = useLoaded(
    () =>
      instance === undefined
        ? body(
            api.GET("/v1/pipelines/{pipelineId}/runs/{runId}/consequences", {
              params: { path: { pipelineId: pipeline, runId: run }, query: { order, instances: which ?? "failed" } },
            }),
          )
        : body(
            api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}/consequences", {
              params: { path: { pipelineId: pipeline, instanceId: instance }, query: { order } },
            }),
          ),
    [pipeline, order, instance, run, which],
  );
  if (found.failure !== undefined) {
    return <Failure error={found.failure} what="what would follow" again={found.again} />;
  }
  if (found.value === undefined) {
    return (
      <p class="loading" role="status">
        Looking ahead …
      </p>
    );
  }
  return <Told of={found.value} run={run} />;
}

/** Of pausing or resuming one component, or all of the pipeline. */
export function ForeseenPause(props: { pipeline: string; order: "pause" | "resume"; component?: string; run?: string }): JSX.Element {
  const { pipeline, order, component, run } = props;
  const query = { order, ...(component !== undefined && { component }) };
  const found = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/consequences", { params: { path: { pipelineId: pipeline }, query } })),
    [pipeline, order, component],
  );
  if (found.failure !== undefined) {
    return <Failure error={found.failure} what="what would follow" again={found.again} />;
  }
  if (found.value === undefined) {
    return (
      <p class="loading" role="status">
        Looking ahead …
      </p>
    );
  }
  return (
    <>
      <Told of={found.value} run={run ?? ""} />
      {order === "pause" && <Held of={found.value} />}
    </>
  );
}

/** What a pause holds back of what has begun to wait. */
function Held(props: { of: Consequences }): JSX.Element {
  const { held = [], heldCount = 0 } = props.of;
  if (heldCount === 0) {
    return <p class="faint">Nothing waits that would be held; intervals to come are.</p>;
  }
  const left = heldCount - Math.min(held.length, LISTED);
  return (
    <div class="foreseen">
      <p>{heldCount === 1 ? "One instance waits and is held until it is resumed:" : `${heldCount} instances wait and are held until they are resumed:`}</p>
      <ul aria-label="What is held">
        {held.slice(0, LISTED).map((each) => (
          <li key={each}>
            <strong>{nameOf(each)}</strong> of {runOf(each)}
          </li>
        ))}
        {left > 0 && <li class="faint">and {left} more</li>}
      </ul>
    </div>
  );
}

function Told(props: { of: Consequences; run: string }): JSX.Element {
  const { changes, changeCount, deeds, order } = props.of;
  const left = changeCount - Math.min(changes.length, LISTED);
  return (
    <div class="foreseen">
      {changes.length === 0 ? (
        <p>{order === "resume" ? "Nothing is due that would begin at once." : "Nothing changes at once."}</p>
      ) : (
        <ul aria-label="What will follow">
          {changes.slice(0, LISTED).map((each) => (
            <li key={each.instanceId}>
              <ChangeLine of={each} run={props.run} />
            </li>
          ))}
          {left > 0 && <li class="faint">and {left} more</li>}
        </ul>
      )}
      {deeds.length > 0 && (
        <ul aria-label="What is done at once">
          {[...new Set(deeds.map(deedLine))].slice(0, LISTED).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function ChangeLine(props: { of: Change; run: string }): JSX.Element {
  const { of } = props;
  const guarded = of.guards === undefined ? "" : " (precondition)";
  const elsewhere = of.runId === props.run ? "" : ` of ${of.runId}`;
  return (
    <>
      <strong>
        {of.componentId}
        {guarded}
        {elsewhere}
      </strong>{" "}
      {of.from === of.to ? (
        <>
          comes back: <Status of={of.to} />
        </>
      ) : (
        <>
          {of.from !== undefined && <Status of={of.from} />} → <Status of={of.to} />
        </>
      )}
    </>
  );
}

/** A deed in words. */
export function deedLine(deed: Deed): string {
  const on = nameOf(deed.on);
  switch (deed.deed) {
    case "work":
      return deed.workerGroup === undefined
        ? `A new attempt of ${on} begins.`
        : `A new attempt of ${on} is offered to the Task Runners of ${deed.workerGroup}.`;
    case "stopWork":
      return `Whoever works on ${on} is told to stop.`;
    case "action":
      return `${deed.action} is sent, because of ${on}.`;
    case "launch":
      return `${on} is launched: a machine or cluster that costs while it is up.`;
    case "check":
      return `${on} is asked whether it is up.`;
    case "terminate":
      return `${on} is ended${deed.resourceId === undefined ? "" : ` (${deed.resourceId})`}.`;
    case "setEventsAside":
      return "The run's events are set aside as dead letters.";
    case "takeEventsBack":
      return "The run's events are taken off the dead letters.";
  }
}

/** The run's part of an instance id. */
function runOf(instance: string): string {
  return instance.slice(instance.lastIndexOf("_") + 1);
}

/** The component's part of an instance id. */
export function nameOf(instance: string): string {
  return instance.replace(/^@/, "").replace(/_[^_]*$/, "");
}
