/** Components by intervals, a cell an instance. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toInstance, toRun } from "../../parts/address";
import { Show, useLoaded } from "../../parts/loaded";
import { utc } from "../../parts/moment";
import { markOf, toneOf } from "../../parts/status";

type Instance = components["schemas"]["InstanceSummary"];

export function Grid(props: { pipeline: string; turn: unknown }): JSX.Element {
  const path = { pipelineId: props.pipeline };
  const found = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/instances", { params: { path, query: { limit: 100 } } })),
    [props.pipeline, props.turn],
  );
  return (
    <Show of={found} what="instances">
      {(page) => <Cells pipeline={props.pipeline} of={page.items} />}
    </Show>
  );
}

function Cells(props: { pipeline: string; of: readonly Instance[] }): JSX.Element {
  const [rows, columns, cells] = arranged(props.of);
  return (
    <div class="scroll">
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">Component</th>
            {columns.map((run) => (
              <th scope="col" key={run} title={`${utc(run)} UTC`}>
                <Link href={toRun(props.pipeline, run)}>{run.slice(5, 19).replace("T", " ")}</Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {columns.map((run) => {
                const cell = cells.get(`${row} ${run}`);
                return (
                  <td key={run}>
                    {cell !== undefined && (
                      <Link
                        href={toInstance(props.pipeline, cell.instanceId)}
                        class={`cell ${toneOf(cell.status)}`}
                        aria-label={`${row}, ${run}: ${cell.status}`}
                        title={`${row} · ${cell.status}`}
                      >
                        {markOf(cell.status)}
                      </Link>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Rows by name, columns oldest first, cells by both. */
export function arranged(found: readonly Instance[]): [string[], string[], Map<string, Instance>] {
  const rows = [...new Set(found.map((each) => each.componentId))].sort();
  const columns = [...new Set(found.map((each) => each.runId))].sort();
  return [rows, columns, new Map(found.map((each) => [`${each.componentId} ${each.runId}`, each]))];
}
