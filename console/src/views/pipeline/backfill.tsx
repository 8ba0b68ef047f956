/** Intervals of the past to be run: what that would be and cost is shown before it is ordered; then how far it is. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Refusal, api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { decoded, useNarrowing } from "../../parts/hash";
import { Failure, Show, useLoaded } from "../../parts/loaded";
import { utcSecond } from "../../parts/moment";
import { Order } from "../../parts/order";
import { local } from "./filters";
import type { Found } from "./order";
import { PreviewShown, type Preview } from "./preview";
import { Progress } from "./progress";
import "./pipeline.css";

type Range = components["schemas"]["BackfillRequest"];

const DAY = 86_400_000;
const SPANS: readonly (readonly [string, number])[] = [
  ["Last day", 1],
  ["Last 7 days", 7],
  ["Last 30 days", 30],
];
/** Of these there are intervals of their own; machines and preconditions come with what needs them. */
const ORDERED: ReadonlySet<string | undefined> = new Set(["activity", "datanode"]);

export function BackfillView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decoded(props.params.pipeline);
  const path = { pipelineId: id };
  const graph = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}/graph", { params: { path } })), [id]);
  const [ordered, setOrdered] = useState<{ turn: number; range?: Range }>({ turn: 0 });
  return (
    <>
      <h1>Backfill</h1>
      <Progress pipeline={id} turn={ordered.turn} range={ordered.range} />
      <Show of={graph} what="pipeline">
        {(found) => <Asked pipeline={id} graph={found} done={(range) => setOrdered({ turn: ordered.turn + 1, range })} />}
      </Show>
    </>
  );
}

interface AskedProps {
  pipeline: string;
  graph: Found;
  done: (range: Range) => void;
}

/** What is asked for, kept in the address, and its preview. */
function Asked(props: AskedProps): JSX.Element {
  const path = { pipelineId: props.pipeline };
  const names = props.graph.nodes.filter((each) => ORDERED.has(each.category)).map((each) => each.id);
  const [given, change] = useNarrowing();
  const [from, to] = [given.get("from") ?? "", given.get("to") ?? ""];
  const chosen = new Set((given.get("components") ?? "").split(",").filter((each) => names.includes(each)));
  const downstream = given.get("downstream") === "true";
  const [found, setFound] = useState<{ range: Range; preview: Preview; key: string }>();
  const [failure, setFailure] = useState<Error>();
  const [busy, setBusy] = useState(false);

  function asked(wanted: Record<string, string>): void {
    setFound(undefined);
    setFailure(undefined);
    change(wanted, true);
  }

  async function look(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      const range: Range = { from, to, downstream, ...(chosen.size > 0 && { components: [...chosen] }) };
      const preview = await body(api.POST("/v1/pipelines/{pipelineId}/backfills/preview", { params: { path }, body: range }));
      setFound({ range, preview, key: crypto.randomUUID() });
    } catch (error) {
      setFound(undefined);
      setFailure(error instanceof Error ? error : new Error(String(error)));
    } finally {
      setBusy(false);
    }
  }

  function toggle(name: string): void {
    const next = chosen.has(name) ? [...chosen].filter((each) => each !== name) : [...chosen, name];
    asked({ components: next.join(",") });
  }

  return (
    <>
      <form
        class="form backfill"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <div class="range">
          <label>
            From, in your zone
            <input type="datetime-local" required value={local(time(from))} onChange={(event) => asked({ from: spelled(event.currentTarget.value) })} />
          </label>
          <label>
            Until before
            <input
              type="datetime-local"
              required
              min={local(time(from))}
              value={local(time(to))}
              onChange={(event) => asked({ to: spelled(event.currentTarget.value) })}
            />
          </label>
          <div class="spans" role="group" aria-label="Ranges">
            {SPANS.map(([name, days]) => (
              <button key={name} type="button" onClick={() => asked(lastDays(days))}>
                {name}
              </button>
            ))}
          </div>
        </div>
        <fieldset class="choice">
          <legend>Objects {chosen.size === 0 && <span class="faint">– all of them when none is chosen</span>}</legend>
          <div class="names">
            {names.map((name) => (
              <label key={name} class="check">
                <input type="checkbox" checked={chosen.has(name)} onChange={() => toggle(name)} />
                <span>{name}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <label class="check">
          <input type="checkbox" checked={downstream} disabled={chosen.size === 0} onChange={() => asked({ downstream: downstream ? "" : "true" })} />
          <span>Also whatever depends on them</span>
        </label>
        <div class="orders">
          <button type="submit" class="primary" aria-busy={busy}>
            Show what it would run
          </button>
        </div>
      </form>
      {failure !== undefined && <Refused of={failure} />}
      {found !== undefined && (
        <>
          <PreviewShown of={found.preview} />
          {found.preview.instances > 0 && (
            <div class="orders">
              <Order
                name="Start the backfill"
                follows={`${found.preview.instances} instances are run, oldest first, as many at a time as maxActiveInstances allows, beside what runs by itself.`}
                act={() =>
                  body(
                    api.POST("/v1/pipelines/{pipelineId}/backfills", {
                      params: { path, header: { "Idempotency-Key": found.key } },
                      body: found.range,
                    }),
                  )
                }
                done={() => {
                  setFound(undefined);
                  props.done(found.range);
                }}
              />
            </div>
          )}
        </>
      )}
    </>
  );
}

/** A pipeline that cannot be backfilled is no failure to load: it says why. */
function Refused(props: { of: Error }): JSX.Element {
  return props.of instanceof Refusal && (props.of.status === 409 || props.of.status === 400) ? (
    <div class="failure" role="alert">
      <p>{props.of.message}</p>
    </div>
  ) : (
    <Failure error={props.of} what="preview" />
  );
}

const spelled = (text: string): string => (text === "" ? "" : utcSecond(text));

function time(text: string): string | undefined {
  return Number.isNaN(Date.parse(text)) ? undefined : text;
}

/** Whole days in the viewer's zone, the last one today. */
function lastDays(days: number): { from: string; to: string } {
  const midnight = new Date();
  midnight.setHours(24, 0, 0, 0);
  const to = midnight.getTime();
  return { from: seconds(to - days * DAY), to: seconds(to) };
}

const seconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
