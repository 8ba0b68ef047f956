/** How far a pipeline's backfills are, while there is something that has not begun; and an end to it. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toPipeline } from "../../parts/address";
import { query } from "../../parts/hash";
import { useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { Order } from "../../parts/order";

const REFRESH_SECONDS = 3;

export interface ProgressProps {
  pipeline: string;
  /** Changes with every order. */
  turn: number;
  /** What was ordered last from here. */
  range: components["schemas"]["BackfillRequest"] | undefined;
}

export function Progress(props: ProgressProps): JSX.Element | null {
  const path = { pipelineId: props.pipeline };
  const found = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/backfills", { params: { path } })),
    [props.pipeline, props.turn],
    REFRESH_SECONDS,
  );
  const most = useRef(new Map<string, number>());
  useEffect(() => most.current.clear(), [props.turn]);
  const items = found.value?.items ?? [];
  for (const each of items) {
    most.current.set(each.componentId, Math.max(each.intervals, most.current.get(each.componentId) ?? 0));
  }
  if (items.length === 0) {
    return props.range === undefined ? null : (
      <p role="status" class="notice">
        {found.value === undefined ? "Ordered." : "Ordered; all of it has begun."}{" "}
        <Link href={toPipeline(props.pipeline) + query({ from: props.range.from, to: props.range.to })}>See its runs</Link>
      </p>
    );
  }
  const left = items.reduce((sum, each) => sum + each.intervals, 0);
  return (
    <section class="notice" aria-label="Backfill under way">
      <p role="status">
        <strong>A backfill is under way:</strong> {left === 1 ? "1 interval has" : `${left} intervals have`} still to begin.{" "}
        {props.range !== undefined && (
          <Link href={toPipeline(props.pipeline) + query({ from: props.range.from, to: props.range.to })}>See its runs</Link>
        )}
      </p>
      <ul class="left-to-begin">
        {items.map((each) => {
          const all = most.current.get(each.componentId) ?? each.intervals;
          return (
            <li key={each.componentId}>
              <span class="long">{each.componentId}</span>
              <progress max={all} value={all - each.intervals} aria-label={`${each.componentId}: begun of what was left when this page was opened`} />
              <span>
                {each.intervals} left, from <Moment at={each.first} />
              </span>
            </li>
          );
        })}
      </ul>
      <div class="orders">
        <Order
          name="Stop the backfill"
          follows={`Nothing of the ${left} intervals that have not begun is begun. What runs goes on: cancel it if it should not.`}
          act={() => body(api.DELETE("/v1/pipelines/{pipelineId}/backfills", { params: { path } }))}
          done={found.again}
          dangerous
        />
      </div>
    </section>
  );
}
