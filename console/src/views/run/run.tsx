/** One run: what failed and why, when each object waited and worked and for what, what it came to, what started it. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toEvents, toInstance } from "../../parts/address";
import { decoded } from "../../parts/hash";
import { Failure, Show, useLoaded } from "../../parts/loaded";
import { Moment, lasted, span, utc } from "../../parts/moment";
import { Status, toneOf } from "../../parts/status";
import { nameOf } from "./foreseen";
import { chart, inOrder, type Bar } from "./gantt";
import { RunOrders } from "./orders";
import { useRun, type RunDetail, type Summary } from "./watch";
import "./run.css";

type Run = components["schemas"]["Run"];
const TICK_MS = 1000;

export function RunView(props: { params: { pipeline: string; run: string } }): JSX.Element {
  const [id, run] = [decoded(props.params.pipeline), decoded(props.params.run)];
  const detail = useRun(id, run);
  return (
    <>
      <Show of={detail} what="run" heads>
        {(found) => (
          <>
            <div class="title" aria-live="polite">
              <h1>Run of {utc(found.run.scheduledStart)} UTC</h1>
              <Status of={found.run.status} />
            </div>
            <Failures pipeline={id} of={found.run} />
            <RunOrders pipeline={id} of={found.run} done={detail.again} />
            <Facts of={found} />
            {found.run.startedByEvents === true && <StartedBy pipeline={id} run={run} />}
            <h2>Objects</h2>
            <Objects pipeline={id} of={found} />
          </>
        )}
      </Show>
    </>
  );
}

function Failures(props: { pipeline: string; of: Run }): JSX.Element | null {
  if (props.of.errors.length === 0) {
    return null;
  }
  return (
    <section class="failures" aria-label="What went wrong">
      <ul>
        {props.of.errors.map((each) => (
          <li key={each.instanceId}>
            <Link href={toInstance(props.pipeline, each.instanceId)}>{nameOf(each.instanceId)}</Link> <Status of={each.status} />
            <p class="said">
              {each.errorId !== undefined && <strong>{each.errorId}</strong>} {each.message ?? ""}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Facts(props: { of: RunDetail }): JSX.Element {
  const { run, spent } = props.of;
  const now = useNow(run.endedAt === undefined);
  return (
    <dl class="facts">
      <Fact name="Started">
        <Moment at={run.startedAt} />
      </Fact>
      <Fact name={run.endedAt === undefined ? "So far" : "Took"}>
        {lasted(run.startedAt, run.endedAt ?? new Date(now).toISOString())}
      </Fact>
      <Fact name="Work">
        {spent.attempts} {spent.attempts === 1 ? "attempt" : "attempts"}, {span(spent.seconds)}
      </Fact>
      {spent.modelCalls > 0 && <Fact name="Model calls">{spent.modelCalls.toLocaleString()}</Fact>}
      <Fact name="Cost, estimated">
        <span title="Control plane and functions at list price; machines, models and storage are not in it.">{dollars(spent.usd)}</span>
      </Fact>
    </dl>
  );
}

export function Fact(props: { name: string; children: preact.ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Small amounts keep two figures that say something. */
export function dollars(amount: number): string {
  return amount >= 0.01 ? `$${amount.toFixed(2)}` : `$${amount.toPrecision(2)}`;
}

function StartedBy(props: { pipeline: string; run: string }): JSX.Element | null {
  const path = { pipelineId: props.pipeline, runId: props.run };
  const events = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/runs/{runId}/events", { params: { path } })),
    [props.pipeline, props.run],
  );
  if (events.failure !== undefined) {
    return <Failure error={events.failure} what="what started it" again={events.again} />;
  }
  const first = events.value?.items[0];
  if (events.value === undefined || first === undefined) {
    return null;
  }
  const { count, items } = events.value;
  return (
    <details class="started-by">
      <summary>
        Started by {count === 1 ? "one event" : `${count} events`} of {first.triggerId}, <Moment at={first.arrivedAt} />
      </summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Happened</th>
              <th scope="col">Fields</th>
            </tr>
          </thead>
          <tbody>
            {items.map((each) => (
              <tr key={each.key}>
                <td>
                  <Moment at={each.happenedAt} />
                </td>
                <td class="code">
                  {Object.entries(each.fields)
                    .map(([key, value]) => `${key} = ${value}`)
                    .join("\n")}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        <Link href={toEvents(props.pipeline)}>All events of the pipeline</Link>
      </p>
    </details>
  );
}

function Objects(props: { pipeline: string; of: RunDetail }): JSX.Element {
  const { pipeline, of } = props;
  const now = useNow(of.run.endedAt === undefined);
  const { bars } = chart(of.instances, of.run.endedAt === undefined ? now : Date.parse(of.run.endedAt)); // what is stuck adds nothing
  return (
    <div class="scroll">
      <table class="objects">
        <thead>
          <tr>
            <th scope="col">Object</th>
            <th scope="col">Status</th>
            <th scope="col">When</th>
            <th scope="col">Took</th>
            <th scope="col">What it says</th>
          </tr>
        </thead>
        <tbody>
          {inOrder(of.instances).map((each) => (
            <tr key={each.instanceId}>
              <th scope="row">
                <Link href={toInstance(pipeline, each.instanceId)}>{each.componentId}</Link>
                {each.guards !== undefined && <span class="faint"> checks {nameOf(each.guards)}</span>}
              </th>
              <td>
                <Status of={each.status} />
                {each.late && <span class="status waiting"> late</span>}
              </td>
              <td class="when">
                <When of={bars.get(each.instanceId)} status={each.status} />
              </td>
              <td class="took">
                {each.workStartedAt === undefined ? "–" : lasted(each.workStartedAt, each.endedAt ?? new Date(now).toISOString())}
                {each.attemptCount > 1 && <span class="faint"> · {each.attemptCount} attempts</span>}
              </td>
              <td class="long">
                <Said of={each} waiting={of.waiting[each.instanceId] ?? []} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function When(props: { of: Bar | undefined; status: string }): JSX.Element | null {
  if (props.of === undefined) {
    return null;
  }
  const { from, worked, to } = props.of;
  const percent = (part: number): string => `${(part * 100).toFixed(2)}%`;
  return (
    <div class="lane" aria-hidden="true">
      <div class="waited" style={{ left: percent(from), width: percent(worked - from) }} />
      {to > worked || props.of.live === false ? <div class={`worked ${toneOf(props.status)}`} style={{ left: percent(worked), width: percent(to - worked) }} /> : null}
    </div>
  );
}

function Said(props: { of: Summary; waiting: readonly components["schemas"]["Reason"][] }): JSX.Element {
  const { of, waiting } = props;
  if (of.error !== undefined) {
    return (
      <span class="said">
        {of.error.errorId !== undefined && <strong>{of.error.errorId}</strong>} {of.error.message ?? ""}
      </span>
    );
  }
  if (of.cancellationReason !== undefined) {
    return <>{of.cancellationReason}</>;
  }
  if (of.cascadeFailedOn !== undefined) {
    return <>because of {of.cascadeFailedOn.map(nameOf).join(", ")}</>;
  }
  return (
    <>
      {waiting.map((reason) => (
        <div key={reason.text}>
          waits {reason.text}
          {reason.until !== undefined && (
            <>
              {" "}
              until <Moment at={reason.until} />
            </>
          )}
        </div>
      ))}
    </>
  );
}

/** The time, going on while something runs. */
export function useNow(runs: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    if (!runs) {
      return undefined;
    }
    const timer = setInterval(() => document.hidden || setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}
