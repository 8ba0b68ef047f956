/** A pipeline's definition. */
import type { JSX } from "preact";
import { Suspense, lazy } from "preact/compat";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import { toVersions } from "../../parts/address";
import { decoded } from "../../parts/hash";
import { Show, useLoaded } from "../../parts/loaded";
import { Status } from "../../parts/status";
import { readLatest } from "./saved";
import "./definition.css";

const Workspace = lazy(() => import("./workspace"));

export function DefinitionView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decoded(props.params.pipeline);
  const saved = useLoaded(() => readLatest(id), [id]);
  const pipeline = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}", { params: { path: { pipelineId: id } } })), [id]);
  return (
    <>
      <div class="title">
        <h1>Definition</h1>
        {pipeline.value !== undefined && <Status of={pipeline.value.state} />}
        <Link href={toVersions(id)} class="button">
          Versions
        </Link>
      </div>
      <Show of={pipeline} what="pipeline">
        {(found) => (
          <Show of={saved} what="definition">
            {(text) => (
              <Suspense fallback={<p class="loading">Loading the editor …</p>}>
                <Workspace key={id} pipeline={found} saved={text} again={pipeline.again} />
              </Suspense>
            )}
          </Show>
        )}
      </Show>
    </>
  );
}
