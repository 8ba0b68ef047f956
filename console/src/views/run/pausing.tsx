/** Pausing one component of a pipeline, or resuming it. `run`: the one looked at, so that others are named. */
import type { JSX } from "preact";
import { api, body } from "../../api/client";
import { Order } from "../../parts/order";
import { ForeseenPause } from "./foreseen";

export function Pausing(props: { pipeline: string; component: string; paused: boolean; run?: string; done: () => void }): JSX.Element {
  const { pipeline, component, paused, run = "" } = props;
  const path = { pipelineId: pipeline, componentId: component };
  return paused ? (
    <Order
      name={`Resume ${component}`}
      follows={
        <>
          <p>{component} goes on: intervals that have come due meanwhile begin as its limits permit.</p>
          <ForeseenPause pipeline={pipeline} order="resume" component={component} run={run} />
        </>
      }
      act={() => body(api.POST("/v1/pipelines/{pipelineId}/components/{componentId}/resume", { params: { path } }))}
      done={props.done}
    />
  ) : (
    <Order
      name={`Pause ${component}`}
      follows={
        <>
          <p>Nothing more of {component} begins, in any run, and what needs it waits. What runs goes on.</p>
          <ForeseenPause pipeline={pipeline} order="pause" component={component} run={run} />
        </>
      }
      act={() => body(api.POST("/v1/pipelines/{pipelineId}/components/{componentId}/pause", { params: { path } }))}
      done={props.done}
    />
  );
}
