/** What may start runs of a pipeline: its triggers, what waits, what is dead and can be given another run. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toPipeline, toRun } from "../../parts/address";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment, utcSecond } from "../../parts/moment";
import { Order } from "../../parts/order";

type Event = components["schemas"]["EventPage"]["items"][number];
type Standing = Event["standing"];
const REFRESH_SECONDS = 5;
const TONES: Readonly<Record<Standing, string>> = { pending: "waiting", taken: "good", dead: "bad" };

export function EventsView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decodeURIComponent(props.params.pipeline);
  const path = { pipelineId: id };
  const [standing, setStanding] = useState<Standing | "">("");
  const triggers = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}/triggers", { params: { path } })), [id], REFRESH_SECONDS);
  const events = useLoaded(
    () =>
      body(api.GET("/v1/pipelines/{pipelineId}/events", { params: { path, query: { limit: 100, ...(standing && { standing }) } } })),
    [id, standing],
    REFRESH_SECONDS,
  );
  return (
    <>
      <p class="trail">
        <Link href={toPipeline(id)}>{id}</Link>
      </p>
      <h1>Events</h1>
      <Show of={triggers} what="triggers">
        {(found) => (found.items.length === 0 ? <Empty>No object of this pipeline is a trigger.</Empty> : <Triggers of={found.items} />)}
      </Show>
      <div class="title apart">
        <h2>Arrived</h2>
        <label>
          Standing{" "}
          <select value={standing} onChange={(event) => setStanding(event.currentTarget.value as Standing | "")}>
            <option value="">any</option>
            <option value="pending">waits for a run</option>
            <option value="taken">has a run</option>
            <option value="dead">dead</option>
          </select>
        </label>
        <Replay pipeline={id} done={events.again} />
      </div>
      <Show of={events} what="events">
        {(found) =>
          found.items.length === 0 ? (
            <Empty>Nothing like that has arrived.</Empty>
          ) : (
            <Arrived pipeline={id} of={found.items} done={events.again} />
          )
        }
      </Show>
    </>
  );
}

function Triggers(props: { of: components["schemas"]["TriggerList"]["items"] }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Trigger</th>
            <th scope="col">Listens</th>
            <th scope="col">Per minute</th>
            <th scope="col">Backlog</th>
            <th scope="col">Dead</th>
            <th scope="col">Waiting since</th>
          </tr>
        </thead>
        <tbody>
          {props.of.map((each) => (
            <tr key={each.triggerId}>
              <th scope="row">
                {each.triggerId}
                <div class="faint">{each.type}</div>
              </th>
              <td>{each.listening ? "yes" : "no"}</td>
              <td>{each.perMinute}</td>
              <td>{counted(each.backlog)}</td>
              <td>{counted(each.dead)}</td>
              <td>
                <Moment at={each.oldestArrivedAt} relative />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function counted(tally: { events: number; more: boolean }): string {
  return `${tally.events}${tally.more ? " or more" : ""}`;
}

function Arrived(props: { pipeline: string; of: readonly Event[]; done: () => void }): JSX.Element {
  const path = { pipelineId: props.pipeline };
  const dead = props.of.filter((each) => each.standing === "dead").map((each) => each.key);
  const redrive = (keys: string[]) => body(api.POST("/v1/pipelines/{pipelineId}/events/redrive", { params: { path }, body: { keys } }));
  return (
    <>
      {dead.length > 0 && (
        <div class="orders">
          <Order
            name={`Redrive ${dead.length} dead`}
            follows="They wait for a run again, as if they had just arrived. Those whose run was rerun since are left alone."
            act={() => redrive(dead)}
            done={props.done}
          />
        </div>
      )}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Arrived</th>
              <th scope="col">Standing</th>
              <th scope="col">Trigger</th>
              <th scope="col">What</th>
              <th scope="col">Run</th>
            </tr>
          </thead>
          <tbody>
            {props.of.map((each) => (
              <tr key={each.key}>
                <th scope="row">
                  <Moment at={each.arrivedAt} />
                </th>
                <td>
                  <span class={`status ${TONES[each.standing]}`}>{each.standing}</span>
                </td>
                <td>{each.triggerId}</td>
                <td class="long">
                  {each.error !== undefined && <div class="error">{each.error}</div>}
                  <details>
                    <summary>{Object.values(each.fields).join(" · ").slice(0, 90)}</summary>
                    <dl class="facts">
                      {Object.entries(each.fields).map(([key, value]) => (
                        <div key={key}>
                          <dt>{key}</dt>
                          <dd class="code">{value}</dd>
                        </div>
                      ))}
                    </dl>
                  </details>
                </td>
                <td>
                  {each.runId !== undefined && <Link href={toRun(props.pipeline, each.runId)}>{each.runId}</Link>}
                  {each.standing === "dead" && (
                    <Order name="Redrive" follows="It waits for a run again." act={() => redrive([each.key])} done={props.done} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Replay(props: { pipeline: string; done: () => void }): JSX.Element {
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  return (
    <Order
      name="Replay …"
      follows={
        <>
          <p>Everything that arrived in this time, in your zone, gets another run, as events of their own.</p>
          <div class="form">
            <label>
              From
              <input type="datetime-local" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
            </label>
            <label>
              To
              <input type="datetime-local" required value={to} onInput={(event) => setTo(event.currentTarget.value)} />
            </label>
          </div>
        </>
      }
      act={() => replay(props.pipeline, from, to)}
      done={props.done}
    />
  );
}

/** Page by page; the same range twice is one replay, by its name. */
async function replay(pipeline: string, from: string, to: string): Promise<void> {
  if (from === "" || to === "") {
    throw new Error("Say from when to when.");
  }
  const range = { from: utcSecond(from), to: utcSecond(to), name: `console-${utcSecond(from)}-${utcSecond(to)}` };
  let cursor: string | undefined;
  do {
    const done = await body(
      api.POST("/v1/pipelines/{pipelineId}/events/replay", {
        params: { path: { pipelineId: pipeline } },
        body: { ...range, ...(cursor !== undefined && { cursor }) },
      }),
    );
    cursor = done.nextCursor;
  } while (cursor !== undefined);
}
