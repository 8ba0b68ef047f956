/** Everything that arrived within a time, a page at a time; the first page is kept fresh. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, body } from "../../api/client";
import { useNarrowing } from "../../parts/hash";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { Fields, RunOf, Standing, type Event } from "./event";

const HOURS: readonly [string, string, number | undefined][] = [
  ["1", "the last hour", 1],
  ["", "the last day", 24],
  ["168", "the last week", 168],
  ["all", "any time", undefined],
];

export function Arrived(props: { pipeline: string; seconds: number }): JSX.Element {
  const [search, narrow] = useNarrowing();
  const [standing, since] = [search.get("standing") ?? "", search.get("since") ?? ""];
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const events = useLoaded(
    () => page(props.pipeline, standing, since, cursor),
    [props.pipeline, standing, since, cursor],
    cursor === undefined ? props.seconds : undefined,
  );
  const change = (given: Record<string, string>): void => {
    setCursors([]);
    narrow(given);
  };
  return (
    <section class="arrived" aria-label="Arrived">
      <div class="title apart">
        <h2>Arrived</h2>
        <label>
          Standing{" "}
          <select value={standing} onChange={(event) => change({ standing: event.currentTarget.value })}>
            <option value="">any</option>
            <option value="pending">waits for a run</option>
            <option value="taken">has a run</option>
            <option value="dead">dead</option>
          </select>
        </label>
        <label>
          Within{" "}
          <select value={since} onChange={(event) => change({ since: event.currentTarget.value })}>
            {HOURS.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Show of={events} what="events">
        {(found) => (
          <>
            {found.items.length === 0 ? (
              <Empty>
                <p>Nothing like that has arrived.</p>
              </Empty>
            ) : (
              <List pipeline={props.pipeline} of={found.items} />
            )}
            <div class="pages">
              {cursors.length > 0 && (
                <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
                  Earlier
                </button>
              )}
              {found.nextCursor !== undefined && (
                <button type="button" onClick={() => setCursors([...cursors, found.nextCursor as string])}>
                  Later
                </button>
              )}
            </div>
          </>
        )}
      </Show>
    </section>
  );
}

function page(pipeline: string, standing: string, since: string, cursor: string | undefined) {
  const hours = HOURS.find(([value]) => value === since)?.[2];
  // To the hour: a cursor belongs to the filters it was given with.
  const from = hours === undefined ? undefined : new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - hours * 3_600_000);
  const query = {
    limit: 50,
    ...(isStanding(standing) && { standing }),
    ...(from !== undefined && { from: `${from.toISOString().slice(0, 19)}Z` }),
    ...(cursor !== undefined && { cursor }),
  };
  return body(api.GET("/v1/pipelines/{pipelineId}/events", { params: { path: { pipelineId: pipeline }, query } }));
}

function isStanding(text: string): text is Event["standing"] {
  return text === "pending" || text === "taken" || text === "dead";
}

function List(props: { pipeline: string; of: readonly Event[] }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Arrived</th>
            <th scope="col">Standing</th>
            <th scope="col">What</th>
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          {props.of.map((each) => (
            <tr key={each.key}>
              <th scope="row">
                <Moment at={each.arrivedAt} />
              </th>
              <td>
                <Standing of={each.standing} />
              </td>
              <td class="long">
                {each.error !== undefined && <div class="error">{each.error}</div>}
                <Fields of={each} />
              </td>
              <td>
                <RunOf pipeline={props.pipeline} event={each} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
