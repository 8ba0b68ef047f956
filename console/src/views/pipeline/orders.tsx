/** What can be ordered of the whole of a pipeline. */
import type { JSX } from "preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { Order } from "../../parts/order";
import { Activate, Deactivate, Keeping } from "../pipelines/orders";
import { ForeseenPause } from "../run/foreseen";

export interface OrdersProps {
  of: components["schemas"]["Pipeline"];
  state: string;
  paused: readonly string[];
  done: () => void;
}

export function Orders(props: OrdersProps): JSX.Element {
  const id = props.of.pipelineId;
  const path = { pipelineId: id };
  const latest = props.of.latestVersion !== undefined && props.of.latestVersion !== props.of.activeVersion;
  const runs = props.state === "SCHEDULED" || props.state === "ACTIVATING";
  return (
    <div class="orders">
      {props.of.latestVersion !== undefined && (
        <Activate
          of={props.of}
          done={props.done}
          follows={
            latest
              ? "The latest definition, which is not the active one, takes effect: new intervals run by it."
              : runs
                ? "One that runs on demand starts once more; for others nothing changes."
                : "The pipeline starts: what its schedule says is due begins, and later intervals begin by themselves."
          }
        />
      )}
      {runs && (
        <>
          <Order
            name="Pause"
            follows={
              <>
                <p>The pipeline stays activated and starts nothing more; what runs goes on.</p>
                <ForeseenPause pipeline={id} order="pause" />
              </>
            }
            act={() => body(api.POST("/v1/pipelines/{pipelineId}/pause", { params: { path } }))}
            done={props.done}
          />
          <Order
            name="Resume"
            follows={
              props.paused.length === 0 ? (
                "Nothing is paused: nothing changes."
              ) : (
                <>
                  <p>
                    What is paused goes on: {props.paused.slice(0, 8).join(", ")}
                    {props.paused.length > 8 ? " and others" : ""}.
                  </p>
                  <ForeseenPause pipeline={id} order="resume" />
                </>
              )
            }
            act={() => body(api.POST("/v1/pipelines/{pipelineId}/resume", { params: { path } }))}
            done={props.done}
          />
          <Deactivate of={props.of} done={props.done} />
        </>
      )}
      <Keeping of={props.of} done={props.done} />
    </div>
  );
}
