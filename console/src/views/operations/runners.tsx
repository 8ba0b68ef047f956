/** Task Runners, and when each was last heard of. */
import type { JSX } from "preact";
import { api, body } from "../../api/client";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";

const REFRESH_SECONDS = 10;

export function RunnersView(): JSX.Element {
  return (
    <>
      <h1>Task Runners</h1>
      <Runners />
    </>
  );
}

/** As a part of another view. */
export function Runners(): JSX.Element {
  const runners = useLoaded(() => body(api.GET("/v1/runners", { params: { query: { limit: 100 } } })), [], REFRESH_SECONDS);
  return (
    <Show of={runners} what="Task Runners">
      {(found) =>
        found.items.length === 0 ? (
          <Empty>No Task Runner has reported in the last days.</Empty>
        ) : (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Task Runner</th>
                  <th scope="col">Worker group</th>
                  <th scope="col">Host</th>
                  <th scope="col">Heard of</th>
                  <th scope="col">Alive</th>
                </tr>
              </thead>
              <tbody>
                {found.items.map((each) => (
                  <tr key={each.runnerId}>
                    <th scope="row">{each.runnerId}</th>
                    <td>{each.workerGroup}</td>
                    <td>{each.hostname}</td>
                    <td>
                      <Moment at={each.seenAt} />
                    </td>
                    <td>
                      <span class={`status ${each.alive ? "good" : "bad"}`}>{each.alive ? "✓ alive" : "✕ silent"}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Show>
  );
}
