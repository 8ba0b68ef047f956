/** What a person may order for a run or for an instance, each with what will follow from it. */
import type { ComponentChildren, JSX } from "preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { Order } from "../../parts/order";
import { Foreseen } from "./foreseen";
import { Pausing } from "./pausing";

type Run = components["schemas"]["Run"];
type Instance = components["schemas"]["Instance"];

const LIVE = new Set(["WAITING_ON_DEPENDENCIES", "WAITING_FOR_RUNNER", "CREATING", "RUNNING", "SHUTTING_DOWN"]);
const BAD = ["FAILED", "TIMEDOUT", "CASCADE_FAILED", "CANCELED"];

/** Orders for all of a run. */
export function RunOrders(props: { pipeline: string; of: Run; done: () => void }): JSX.Element {
  const { pipeline, of, done } = props;
  const path = { pipelineId: pipeline, runId: of.runId };
  const failed = BAD.some((status) => (of.counts[status] ?? 0) > 0);
  const unfinished = Object.entries(of.counts).some(([status, count]) => count > 0 && status !== "FINISHED");
  return (
    <div class="orders">
      {failed && (
        <Order
          name="Rerun what failed"
          follows={
            <Follows says="What failed of this run runs again, with all its tries and the active definition.">
              <Foreseen pipeline={pipeline} order="rerun" run={of.runId} which="failed" />
            </Follows>
          }
          act={() =>
            body(api.POST("/v1/pipelines/{pipelineId}/runs/{runId}/rerun", { params: { path }, body: { instances: "failed" } }))
          }
          done={done}
        />
      )}
      {of.endedAt !== undefined && (
        <Order
          name="Rerun everything"
          follows={
            <Follows says="All of this run that has ended runs again.">
              <Foreseen pipeline={pipeline} order="rerun" run={of.runId} which="all" />
            </Follows>
          }
          act={() =>
            body(api.POST("/v1/pipelines/{pipelineId}/runs/{runId}/rerun", { params: { path }, body: { instances: "all" } }))
          }
          done={done}
        />
      )}
      {of.endedAt === undefined && (
        <Order
          name="Cancel"
          follows={
            <Follows says="Everything of this run that has not ended is stopped.">
              <Foreseen pipeline={pipeline} order="cancel" run={of.runId} />
            </Follows>
          }
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/runs/{runId}/cancel", { params: { path } }))}
          done={done}
          dangerous
        />
      )}
      {unfinished && (
        <Order
          name="Mark finished"
          follows={
            <Follows says="Everything of this run that has not finished counts as a success, though it was none.">
              <Foreseen pipeline={pipeline} order="markFinished" run={of.runId} />
            </Follows>
          }
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/runs/{runId}/markFinished", { params: { path } }))}
          done={done}
        />
      )}
    </div>
  );
}

/** Orders for one instance, and for the component that it is of. */
export function InstanceOrders(props: { pipeline: string; of: Instance; done: () => void }): JSX.Element {
  const { pipeline, of, done } = props;
  const path = { pipelineId: pipeline, instanceId: of.instanceId };
  const live = LIVE.has(of.status);
  const [run, instance, name] = [of.runId, of.instanceId, of.componentId];
  return (
    <div class="orders">
      {(!live || of.status === "WAITING_ON_DEPENDENCIES") && of.guards === undefined && (
        <Order
          name="Rerun"
          follows={
            <Follows says={`${name} runs again, with all its tries and the active definition.`}>
              <Foreseen pipeline={pipeline} order="rerun" instance={instance} run={run} />
            </Follows>
          }
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/instances/{instanceId}/rerun", { params: { path } }))}
          done={done}
        />
      )}
      {live && (
        <Order
          name="Cancel"
          follows={
            <Follows says={`${name} is stopped. What waits for it takes this as a failure.`}>
              <Foreseen pipeline={pipeline} order="cancel" instance={instance} run={run} />
            </Follows>
          }
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/instances/{instanceId}/cancel", { params: { path } }))}
          done={done}
          dangerous
        />
      )}
      {of.status !== "FINISHED" && (
        <Order
          name="Mark finished"
          follows={
            <Follows says={`${name} counts as a success, though it was none: what waits for it goes on.`}>
              <Foreseen pipeline={pipeline} order="markFinished" instance={instance} run={run} />
            </Follows>
          }
          act={() => body(api.POST("/v1/pipelines/{pipelineId}/instances/{instanceId}/markFinished", { params: { path } }))}
          done={done}
        />
      )}
      {of.guards === undefined && <Pausing pipeline={pipeline} component={name} paused={of.paused} run={run} done={done} />}
    </div>
  );
}

function Follows(props: { says: string; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <p>{props.says}</p>
      {props.children}
    </>
  );
}
