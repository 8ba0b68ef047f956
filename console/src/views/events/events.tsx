/** What may start runs of a pipeline: its triggers, what is dead and can be given another run, what arrived. */
import type { JSX } from "preact";
import { useCallback } from "preact/hooks";
import { api, body } from "../../api/client";
import { decoded } from "../../parts/hash";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Arrived } from "./arrived";
import { Letters } from "./letters";
import { Replay } from "./replay";
import { Triggers } from "./triggers";
import "./events.css";

const REFRESH_SECONDS = 4;

export function EventsView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decoded(props.params.pipeline);
  const path = { pipelineId: id };
  const triggers = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}/triggers", { params: { path } })), [id], REFRESH_SECONDS);
  const dead = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/events", { params: { path, query: { limit: 100, standing: "dead" } } })),
    [id],
    REFRESH_SECONDS,
  );
  const again = useCallback(() => {
    triggers.again();
    dead.again();
  }, [triggers.again, dead.again]);
  const batch = triggers.value?.items[0]?.batchSize ?? 1;
  return (
    <>
      <div class="title">
        <h1>Events</h1>
        <Replay pipeline={id} batch={batch} done={again} />
      </div>
      <Show of={triggers} what="triggers">
        {(found) =>
          found.items.length === 0 ? (
            <Empty>
              <p>No event starts runs of this pipeline: its active definition names no trigger.</p>
            </Empty>
          ) : (
            <Triggers pipeline={id} of={found.items} />
          )
        }
      </Show>
      <Show of={dead} what="dead letters">
        {(found) => <Letters pipeline={id} of={found.items} more={found.nextCursor} done={again} />}
      </Show>
      <Arrived pipeline={id} seconds={REFRESH_SECONDS} />
    </>
  );
}
