/** One pipeline: what it is, and its runs as a grid of components by intervals. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import { toBackfill, toDefinition, toEvents, toPipelines, toRun } from "../../parts/address";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment, lasted } from "../../parts/moment";
import { Order } from "../../parts/order";
import { Status } from "../../parts/status";
import { Tags } from "../../parts/tags";
import { Drawing, type Standing } from "./drawing";
import type { DefinitionObject } from "./graph";
import { Grid } from "./grid";
import "./pipeline.css";

const REFRESH_SECONDS = 5;

export function PipelineView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decodeURIComponent(props.params.pipeline);
  const path = { pipelineId: id };
  const pipeline = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}", { params: { path } })), [id], REFRESH_SECONDS);
  const runs = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/runs", { params: { path, query: { limit: 50 } } })),
    [id],
    REFRESH_SECONDS,
  );
  return (
    <>
      <p class="trail">
        <Link href={toPipelines()}>Pipelines</Link>
      </p>
      <Show of={pipeline} what="pipeline">
        {(found) => (
          <>
            <div class="title">
              <h1>{found.name}</h1>
              <Status of={found.state} />
              {found.health !== "-" && <Status of={found.health} />}
            </div>
            {found.description !== undefined && found.description !== "" && <p>{found.description}</p>}
            <dl class="facts">
              <div>
                <dt>Id</dt>
                <dd class="id">{found.pipelineId}</dd>
              </div>
              <div>
                <dt>Created</dt>
                <dd>
                  <Moment at={found.createdAt} />
                </dd>
              </div>
              <div>
                <dt>Activated</dt>
                <dd>
                  <Moment at={found.lastActivatedAt} />
                </dd>
              </div>
              <div>
                <dt>By</dt>
                <dd class="long">{found.createdBy}</dd>
              </div>
              <div>
                <dt>Tags</dt>
                <dd>
                  <Tags of={found.tags} />
                </dd>
              </div>
            </dl>
          </>
        )}
      </Show>
      <div class="orders">
        <Link href={toDefinition(id)} class="button">
          Edit definition
        </Link>
        <Link href={toEvents(id)} class="button">
          Events
        </Link>
        <Link href={toBackfill(id)} class="button">
          Backfill
        </Link>
        <Order
          name="Pause"
          follows="The pipeline stays activated and starts nothing more; what runs goes on."
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/pause", { params: { path } }))}
          done={pipeline.again}
        />
        <Order
          name="Resume"
          follows="What was paused goes on, also objects that were paused one by one."
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/resume", { params: { path } }))}
          done={pipeline.again}
        />
      </div>
      <h2>Objects</h2>
      <Objects pipeline={id} turn={runs.value} />
      <h2>Runs</h2>
      <Show of={runs} what="runs">
        {(found) =>
          found.items.length === 0 ? (
            <Empty>Nothing has run yet. Runs appear here once the pipeline is active.</Empty>
          ) : (
            <>
              <Grid pipeline={id} turn={found} />
              <div class="scroll">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Interval</th>
                      <th scope="col">Status</th>
                      <th scope="col">Took</th>
                      <th scope="col">Error</th>
                    </tr>
                  </thead>
                  <tbody>
                    {found.items.map((run) => (
                      <tr key={run.runId}>
                        <th scope="row">
                          <Link href={toRun(id, run.runId)}>
                            <Moment at={run.scheduledStart} />
                          </Link>
                        </th>
                        <td>
                          <Status of={run.status} />
                        </td>
                        <td>{lasted(run.startedAt, run.endedAt)}</td>
                        <td class="long">{run.errors[0]?.message ?? ""}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </>
          )
        }
      </Show>
    </>
  );
}

function Objects(props: { pipeline: string; turn: unknown }): JSX.Element {
  const path = { pipelineId: props.pipeline };
  const definition = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}/definition", { params: { path } })), [props.pipeline]);
  const newest = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/instances", { params: { path, query: { limit: 100 } } })),
    [props.pipeline, props.turn],
  );
  const standing = new Map<string, Standing>();
  for (const each of newest.value?.items ?? []) {
    if (!standing.has(each.componentId)) {
      standing.set(each.componentId, each);
    }
  }
  return (
    <Show of={definition} what="definition">
      {(found) =>
        found.objects.length === 0 ? (
          <Empty>No definition yet.</Empty>
        ) : (
          <Drawing pipeline={props.pipeline} objects={found.objects as unknown as DefinitionObject[]} standing={standing} />
        )
      }
    </Show>
  );
}
