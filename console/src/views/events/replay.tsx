/** Another run for everything of a time: counted first, then ordered page by page. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, body } from "../../api/client";
import { utcSecond } from "../../parts/moment";
import { Order } from "../../parts/order";

const MOST_PAGES = 20;

interface Range {
  from: string;
  to: string;
}

interface Count {
  events: number;
  more: boolean;
}

export function Replay(props: { pipeline: string; batch: number; done: () => void }): JSX.Element {
  const [range, setRange] = useState<Range>({ from: "", to: "" });
  const [sent, setSent] = useState<number>();

  async function carryOut(): Promise<void> {
    if (range.from === "" || range.to === "") {
      throw new Error("Say from when to when.");
    }
    await replayed(props.pipeline, range, setSent);
    setSent(undefined);
  }

  return (
    <Order
      name="Replay …"
      follows={
        <>
          <p>Everything that arrived in this time, in your zone, gets another run, as events of their own.</p>
          <div class="form">
            <label>
              From
              <input
                type="datetime-local"
                step="1"
                required
                value={range.from}
                onInput={(event) => setRange({ ...range, from: event.currentTarget.value })}
              />
            </label>
            <label>
              To, and not included
              <input
                type="datetime-local"
                step="1"
                required
                value={range.to}
                onInput={(event) => setRange({ ...range, to: event.currentTarget.value })}
              />
            </label>
          </div>
          <Consequence pipeline={props.pipeline} batch={props.batch} range={range} />
          {sent !== undefined && <p role="status">{sent} wait for a run …</p>}
        </>
      }
      act={carryOut}
      done={props.done}
    />
  );
}

/** What the order would start. */
function Consequence(props: { pipeline: string; batch: number; range: Range }): JSX.Element {
  const { from, to } = props.range;
  const [count, setCount] = useState<Count | Error>();
  const wrong = from !== "" && to !== "" && from >= to;
  useEffect(() => {
    setCount(undefined);
    if (from === "" || to === "" || wrong) {
      return undefined;
    }
    let left = false;
    counted(props.pipeline, { from, to }).then(
      (found) => left || setCount(found),
      (error: unknown) => left || setCount(error instanceof Error ? error : new Error(String(error))),
    );
    return () => {
      left = true;
    };
  }, [props.pipeline, from, to]);
  if (wrong) {
    return <p class="failure">The time ends before it begins.</p>;
  }
  if (from === "" || to === "") {
    return <p class="faint">Choose a time, and what it would start is counted.</p>;
  }
  if (count === undefined) {
    return <p role="status">Counting …</p>;
  }
  if (count instanceof Error) {
    return <p class="failure">{count.message}</p>;
  }
  return <p role="status">{foretold(count, props.batch)}</p>;
}

/** In words. Batches end by time as well, so with batches the runs are at least so many. */
export function foretold(count: Count, batch: number): string {
  if (count.events === 0) {
    return "Nothing arrived in this time that could be replayed.";
  }
  const runs = Math.ceil(count.events / batch);
  const events = `${count.more ? "More than " : ""}${count.events} ${count.events === 1 ? "event" : "events"}`;
  const atLeast = batch > 1 || count.more ? "at least " : "";
  return `${events} would be replayed, in ${atLeast}${runs} ${runs === 1 ? "run" : "runs"}.`;
}

/** Events that came from a replay are not replayed. */
async function counted(pipeline: string, range: Range): Promise<Count> {
  let events = 0;
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = { from: utcSecond(range.from), to: utcSecond(range.to), limit: 100, ...(cursor !== undefined && { cursor }) };
    const page = await body(api.GET("/v1/pipelines/{pipelineId}/events", { params: { path: { pipelineId: pipeline }, query } }));
    events += page.items.filter((each) => each.replay === undefined).length;
    cursor = page.nextCursor;
    if (cursor === undefined) {
      return { events, more: false };
    }
  }
  return { events, more: true };
}

/** The name keeps an order that is repeated, after an error on the way, from starting anything twice. */
async function replayed(pipeline: string, range: Range, told: (events: number) => void): Promise<void> {
  const [from, to] = [utcSecond(range.from), utcSecond(range.to)];
  let events = 0;
  let cursor: string | undefined;
  do {
    const done = await body(
      api.POST("/v1/pipelines/{pipelineId}/events/replay", {
        params: { path: { pipelineId: pipeline } },
        body: { from, to, name: `console-${from}-${to}`, ...(cursor !== undefined && { cursor }) },
      }),
    );
    events += done.events;
    told(events);
    cursor = done.nextCursor;
  } while (cursor !== undefined);
}
