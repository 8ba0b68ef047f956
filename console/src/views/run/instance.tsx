/** One instance: what it waits for, its attempts with errors and logs, its fields beside what they came to. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toInstance, toPipeline, toRun } from "../../parts/address";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment, lasted, utc } from "../../parts/moment";
import { Order } from "../../parts/order";
import { Status } from "../../parts/status";
import "./run.css";

type Attempt = components["schemas"]["Attempt"];
type Field = components["schemas"]["InstanceField"];
const REFRESH_SECONDS = 3;

export function InstanceView(props: { params: { pipeline: string; instance: string } }): JSX.Element {
  const [id, instance] = [decodeURIComponent(props.params.pipeline), decodeURIComponent(props.params.instance)];
  const path = { pipelineId: id, instanceId: instance };
  const detail = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}", { params: { path } })),
    [id, instance],
    REFRESH_SECONDS,
  );
  return (
    <Show of={detail} what="instance">
      {(found) => (
        <>
          <p class="trail">
            <Link href={toPipeline(id)}>{id}</Link> / <Link href={toRun(id, found.runId)}>{utc(found.scheduledStart)} UTC</Link>
          </p>
          <div class="title">
            <h1>{found.componentId}</h1>
            <Status of={found.status} />
            <span class="faint">{found.type}</span>
          </div>
          <Orders pipeline={id} of={found} done={detail.again} />
          <Waiting pipeline={id} on={found.waitingOn} />
          <h2>Attempts</h2>
          {found.attempts.length === 0 ? (
            <Empty>No attempt was made yet.</Empty>
          ) : (
            found.attempts.map((each) => <AttemptPart key={each.attemptId} of={each} />)
          )}
          <h2>Fields</h2>
          <Fields of={found.fields} />
        </>
      )}
    </Show>
  );
}

const LIVE = new Set(["WAITING_ON_DEPENDENCIES", "WAITING_FOR_RUNNER", "CREATING", "RUNNING", "SHUTTING_DOWN"]);

function Orders(props: { pipeline: string; of: components["schemas"]["Instance"]; done: () => void }): JSX.Element {
  const path = { pipelineId: props.pipeline, instanceId: props.of.instanceId };
  const name = props.of.componentId;
  const live = LIVE.has(props.of.status);
  return (
    <div class="orders">
      {!live && (
        <Order
          name="Rerun"
          follows={`${name} runs again with all its tries and the active definition; its machine, and what was stuck behind it, come back with it.`}
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/instances/{instanceId}/rerun", { params: { path } }))}
          done={props.done}
        />
      )}
      {live && (
        <Order
          name="Cancel"
          follows={`${name} is stopped. What waits for it takes this as a failure.`}
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/instances/{instanceId}/cancel", { params: { path } }))}
          done={props.done}
          dangerous
        />
      )}
      {props.of.status !== "FINISHED" && (
        <Order
          name="Mark finished"
          follows={`${name} counts as a success, though it was none: what waits for it goes on.`}
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/instances/{instanceId}/markFinished", { params: { path } }))}
          done={props.done}
        />
      )}
    </div>
  );
}

function Waiting(props: { pipeline: string; on: components["schemas"]["Instance"]["waitingOn"] }): JSX.Element | null {
  if (props.on.length === 0) {
    return null;
  }
  return (
    <section class="waiting-for">
      <h2>Waits for</h2>
      <ul>
        {props.on.map((reason) => (
          <li key={reason.text}>
            {reason.on === undefined ? reason.text : <Link href={toInstance(props.pipeline, reason.on)}>{reason.text}</Link>}
            {reason.until !== undefined && (
              <>
                {" "}
                until <Moment at={reason.until} />
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function AttemptPart(props: { of: Attempt }): JSX.Element {
  const { of } = props;
  return (
    <article class="attempt">
      <div class="title">
        <h3>Attempt {of.number}</h3>
        <Status of={of.status} />
        <span class="faint">
          <Moment at={of.startedAt ?? of.createdAt} /> · {lasted(of.startedAt, of.endedAt)}
        </span>
      </div>
      {of.error !== undefined && (
        <>
          <p class="error">
            <strong>{of.error.errorId}</strong> {of.error.message}
          </p>
          {of.error.stackTrace !== undefined && (
            <details>
              <summary>Stack trace</summary>
              <pre tabIndex={0}>{of.error.stackTrace}</pre>
            </details>
          )}
        </>
      )}
      {Object.keys(of.reported).length > 0 && (
        <dl class="facts">
          {Object.entries(of.reported).map(([key, value]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd class="long">{String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  );
}

function Fields(props: { of: readonly Field[] }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">As written</th>
            <th scope="col">In this run</th>
          </tr>
        </thead>
        <tbody>
          {props.of.map((each) => (
            <tr key={each.key}>
              <th scope="row">{each.key}</th>
              <td class="code">{each.values.map(written).join("\n")}</td>
              <td class="code">{each.evaluationError ?? each.evaluated?.map(written).join("\n") ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function written(value: { text?: string; ref?: string } | string): string {
  return typeof value === "string" ? value : (value.text ?? `→ ${value.ref}`);
}
