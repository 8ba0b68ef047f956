/** One run: its instances. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import { toInstance, toPipeline } from "../../parts/address";
import { Show, useLoaded } from "../../parts/loaded";
import { Moment, lasted, utc } from "../../parts/moment";
import { Order } from "../../parts/order";
import { Status } from "../../parts/status";

const REFRESH_SECONDS = 3;

export function RunView(props: { params: { pipeline: string; run: string } }): JSX.Element {
  const [id, run] = [decodeURIComponent(props.params.pipeline), decodeURIComponent(props.params.run)];
  const path = { pipelineId: id, runId: run };
  const detail = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/runs/{runId}", { params: { path } })),
    [id, run],
    REFRESH_SECONDS,
  );
  return (
    <>
      <p class="trail">
        <Link href={toPipeline(id)}>{id}</Link>
      </p>
      <Show of={detail} what="run">
        {(found) => (
          <>
            <div class="title">
              <h1>Run of {utc(found.run.scheduledStart)} UTC</h1>
              <Status of={found.run.status} />
            </div>
            <p>
              Started <Moment at={found.run.startedAt} />, took {lasted(found.run.startedAt, found.run.endedAt)}.
            </p>
            <Orders pipeline={id} run={run} ended={found.run.endedAt !== undefined} status={found.run.status} done={detail.again} />
            <div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Object</th>
                    <th scope="col">Status</th>
                    <th scope="col">Attempts</th>
                    <th scope="col">Took</th>
                    <th scope="col">Error</th>
                  </tr>
                </thead>
                <tbody>
                  {found.instances.map((each) => (
                    <tr key={each.instanceId}>
                      <th scope="row">
                        <Link href={toInstance(id, each.instanceId)}>{each.componentId}</Link>
                      </th>
                      <td>
                        <Status of={each.status} />
                      </td>
                      <td>{each.attemptCount}</td>
                      <td>{lasted(each.startedAt, each.endedAt)}</td>
                      <td class="long">{each.error?.message ?? each.cancellationReason ?? ""}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Show>
    </>
  );
}

function Orders(props: { pipeline: string; run: string; ended: boolean; status: string; done: () => void }): JSX.Element {
  const path = { pipelineId: props.pipeline, runId: props.run };
  return (
    <div class="orders">
      {props.status !== "FINISHED" && (
        <Order
          name="Rerun what failed"
          follows="Every object of this run that failed runs again, and what was stuck behind it comes back."
          act={() =>
            body(api.POST("/v1/pipelines/{pipelineId}/runs/{runId}/rerun", { params: { path }, body: { instances: "failed" } }))
          }
          done={props.done}
        />
      )}
      <Order
        name="Rerun everything"
        follows="Every object of this run that has ended runs again."
        act={() => body(api.POST("/v1/pipelines/{pipelineId}/runs/{runId}/rerun", { params: { path }, body: { instances: "all" } }))}
        done={props.done}
      />
      {!props.ended && (
        <Order
          name="Cancel"
          follows="Everything of this run that has not ended is stopped."
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/runs/{runId}/cancel", { params: { path } }))}
          done={props.done}
          dangerous
        />
      )}
    </div>
  );
}
