/** Dead letters: why they are dead, and another run for one, several or all of them. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, body } from "../../api/client";
import { Moment } from "../../parts/moment";
import { Order } from "../../parts/order";
import { refusedFor } from "../../session/session";
import { Fields, RunOf, type Event } from "./event";

const AT_ONCE = 100;

export function Letters(props: { pipeline: string; of: readonly Event[]; more: string | undefined; done: () => void }): JSX.Element | null {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  if (props.of.length === 0) {
    return null;
  }
  const chosen = props.of.filter((each) => picked.has(each.key)).map((each) => each.key);
  const all = chosen.length === props.of.length;
  const refused = refusedFor("penstock/operate");
  const pick = (key: string, on: boolean): void =>
    setPicked((known) => new Set(on ? [...known, key] : [...known].filter((each) => each !== key)));
  const done = (): void => {
    setPicked(new Set());
    props.done();
  };
  return (
    <section class="letters" aria-label="Dead letters">
      <div class="title apart">
        <h2>Dead letters</h2>
        <span class="faint">
          {props.of.length}
          {props.more !== undefined && " of more"}
        </span>
        <Redrive pipeline={props.pipeline} name={`Redrive ${chosen.length} selected`} keys={chosen} done={done} />
        <Redrive pipeline={props.pipeline} name="Redrive all" done={done} />
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label="Select all"
                  title={refused}
                  disabled={refused !== undefined}
                  checked={all}
                  onChange={(event) => setPicked(new Set(event.currentTarget.checked ? props.of.map((each) => each.key) : []))}
                />
              </th>
              <th scope="col">Arrived</th>
              <th scope="col">Why it is dead</th>
              <th scope="col">What</th>
              <th scope="col">Failed run</th>
            </tr>
          </thead>
          <tbody>
            {props.of.map((each) => (
              <tr key={each.key}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Select the event of ${each.arrivedAt}`}
                    title={refused}
                    disabled={refused !== undefined}
                    checked={picked.has(each.key)}
                    onChange={(event) => pick(each.key, event.currentTarget.checked)}
                  />
                </td>
                <th scope="row">
                  <Moment at={each.arrivedAt} />
                </th>
                <td class="long">
                  <span class="error">{each.error ?? "Its run failed."}</span>
                </td>
                <td class="long">
                  <Fields of={each} />
                </td>
                <td>
                  <RunOf pipeline={props.pipeline} event={each} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Of these keys; without any named, of all that are dead, however many pages that is. */
function Redrive(props: { pipeline: string; name: string; keys?: readonly string[]; done: () => void }): JSX.Element | null {
  const [sent, setSent] = useState<[number, number]>();
  const { keys } = props;
  if (keys?.length === 0) {
    return null;
  }

  async function carryOut(): Promise<void> {
    const wanted = keys ?? (await allDead(props.pipeline));
    const path = { pipelineId: props.pipeline };
    for (let first = 0; first < wanted.length; first += AT_ONCE) {
      setSent([first, wanted.length]);
      const some = wanted.slice(first, first + AT_ONCE);
      await body(api.POST("/v1/pipelines/{pipelineId}/events/redrive", { params: { path }, body: { keys: [...some] } }));
    }
    setSent(undefined);
  }

  return (
    <Order
      name={props.name}
      follows={
        <>
          <p>
            {keys === undefined ? "Every dead event" : `${keys.length} dead ${keys.length === 1 ? "event" : "events"}`} will wait for a run
            again, as if just arrived. The failed runs stay as they are. Events whose run was rerun since are left alone.
          </p>
          {sent !== undefined && (
            <p role="status">
              <progress value={sent[0]} max={sent[1]} /> {sent[0]} of {sent[1]}
            </p>
          )}
        </>
      }
      act={carryOut}
      done={props.done}
    />
  );
}

async function allDead(pipeline: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 100, standing: "dead" as const, ...(cursor !== undefined && { cursor }) };
    const page = await body(api.GET("/v1/pipelines/{pipelineId}/events", { params: { path: { pipelineId: pipeline }, query } }));
    keys.push(...page.items.map((each) => each.key));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return keys;
}
