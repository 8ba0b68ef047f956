/** One instance: what it waits for, its attempts with errors and logs, its fields beside what they came to. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toInstance } from "../../parts/address";
import { decoded } from "../../parts/hash";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { Status } from "../../parts/status";
import { Preview } from "../results/preview";
import { AttemptPart } from "./attempt";
import { nameOf } from "./foreseen";
import { Logs } from "./log";
import { InstanceOrders } from "./orders";
import { Fact } from "./run";
import "./run.css";

type Instance = components["schemas"]["Instance"];
type Field = components["schemas"]["InstanceField"];
const REFRESH_SECONDS = 2;

export function InstanceView(props: { params: { pipeline: string; instance: string } }): JSX.Element {
  const [id, instance] = [decoded(props.params.pipeline), decoded(props.params.instance)];
  const path = { pipelineId: id, instanceId: instance };
  const detail = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}", { params: { path } })),
    [id, instance],
    REFRESH_SECONDS,
  );
  return (
    <Show of={detail} what="instance" heads>
      {(found) => (
        <>
          <div class="title" aria-live="polite">
            <h1>{found.componentId}</h1>
            <Status of={found.status} />
            {found.paused && <span class="status off">⏸ paused</span>}
            <span class="faint">{found.type}</span>
          </div>
          <Why of={found} pipeline={id} />
          <InstanceOrders pipeline={id} of={found} done={detail.again} />
          <Facts pipeline={id} of={found} />
          <Waiting pipeline={id} on={found.waitingOn} />
          <Preview pipeline={id} instance={instance} on={found.status} />
          <h2>Attempts</h2>
          {found.attempts.length === 0 ? (
            <Empty>{found.type.endsWith("DataNode") ? "Data nodes need no attempts." : "No attempt was made yet."}</Empty>
          ) : (
            [...found.attempts].reverse().map((each) => (
              <AttemptPart key={each.attemptId} pipeline={id} of={each}>
                <Logs pipeline={id} instance={found.instanceId} of={each} />
              </AttemptPart>
            ))
          )}
          <h2>What happened</h2>
          <History of={found} />
          <h2>Fields</h2>
          <Fields pipeline={id} of={found.fields} />
        </>
      )}
    </Show>
  );
}

function Why(props: { pipeline: string; of: Instance }): JSX.Element | null {
  const { cancellationReason, cascadeFailedOn } = props.of;
  if (cancellationReason !== undefined) {
    return <p>Canceled: {cancellationReason}.</p>;
  }
  if (cascadeFailedOn === undefined) {
    return null;
  }
  return (
    <p>
      Failed because of{" "}
      {cascadeFailedOn.map((each, place) => (
        <>
          {place > 0 && ", "}
          <Link href={toInstance(props.pipeline, each)}>{nameOf(each)}</Link>
        </>
      ))}
      .
    </p>
  );
}

function Facts(props: { pipeline: string; of: Instance }): JSX.Element {
  const { of } = props;
  return (
    <dl class="facts">
      <Fact name="Began to wait">
        <Moment at={of.startedAt} />
      </Fact>
      {of.endedAt !== undefined && (
        <Fact name="Ended">
          <Moment at={of.endedAt} />
        </Fact>
      )}
      {of.nextTryAt !== undefined && (
        <Fact name="Next try">
          <Moment at={of.nextTryAt} />
        </Fact>
      )}
      <Fact name="Tries left">{of.triesLeft}</Fact>
      {of.resourceId !== undefined && (
        <Fact name="Machine or cluster">
          <span class="id">{of.resourceId}</span>
        </Fact>
      )}
      {of.guards !== undefined && (
        <Fact name="Checks for">
          <Link href={toInstance(props.pipeline, of.guards)}>{nameOf(of.guards)}</Link>
        </Fact>
      )}
    </dl>
  );
}

function Waiting(props: { pipeline: string; on: Instance["waitingOn"] }): JSX.Element | null {
  if (props.on.length === 0) {
    return null;
  }
  return (
    <section class="waiting-for">
      <h2>Waits</h2>
      <ul>
        {props.on.map((reason) => (
          <li key={reason.text}>
            {reason.on?.startsWith("@") ? <Link href={toInstance(props.pipeline, reason.on)}>{reason.text}</Link> : reason.text}
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

interface Happened {
  at: string;
  what: string;
}

/** What is known to have happened, in order of time. */
export function happened(of: Instance): readonly Happened[] {
  const found: Happened[] = [{ at: of.startedAt, what: of.rerun ? "brought back; first began to wait" : "began to wait" }];
  for (const each of of.attempts) {
    found.push({ at: each.createdAt, what: `attempt ${each.number} was handed out` });
    if (each.startedAt !== undefined) {
      found.push({ at: each.startedAt, what: `attempt ${each.number} began to work` });
    }
    if (each.endedAt !== undefined) {
      const why = each.error?.errorId === undefined ? "" : `: ${each.error.errorId}`;
      found.push({ at: each.endedAt, what: `attempt ${each.number} ${words(each.status)}${why}` });
    }
  }
  if (of.endedAt !== undefined) {
    found.push({ at: of.endedAt, what: words(of.status) });
  }
  return found.map((each, place) => ({ each, place })).sort((one, other) => order(one.each.at, other.each.at) || one.place - other.place).map(({ each }) => each);
}

function order(one: string, other: string): number {
  return Date.parse(one) - Date.parse(other);
}

function words(status: string): string {
  return status.replaceAll("_", " ").toLowerCase();
}

function History(props: { of: Instance }): JSX.Element {
  return (
    <ol class="history">
      {happened(props.of).map((each) => (
        <li key={`${each.at} ${each.what}`}>
          <Moment at={each.at} /> {each.what}
        </li>
      ))}
    </ol>
  );
}

function Fields(props: { pipeline: string; of: readonly Field[] }): JSX.Element {
  return (
    <div class="scroll">
      <table class="fields">
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
              <th scope="row" class="key">
                {each.key}
              </th>
              <td class="code">
                {each.values.map((value, place) => (
                  <div key={place}>
                    {value.ref?.startsWith("@") ? (
                      <Link href={toInstance(props.pipeline, value.ref)}>→ {value.ref}</Link>
                    ) : (
                      (value.text ?? `→ ${value.ref}`)
                    )}
                  </div>
                ))}
              </td>
              <td class={each.evaluationError === undefined ? "code" : "code wrong"}>
                {each.evaluationError ?? each.evaluated?.join("\n") ?? <span class="faint">the same</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
