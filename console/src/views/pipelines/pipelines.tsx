/** All pipelines that the person may see, found by words and state. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toCreate, toPipeline } from "../../parts/address";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { Status } from "../../parts/status";
import { Tags } from "../../parts/tags";

type Pipeline = components["schemas"]["Pipeline"];
const REFRESH_SECONDS = 10;

export function PipelinesView(): JSX.Element {
  const [typed, setTyped] = useState("");
  const [words, setWords] = useState("");
  const [cursors, setCursors] = useState<readonly string[]>([]);
  useEffect(() => {
    const timer = setTimeout(() => {
      setWords(typed);
      setCursors([]);
    }, 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const cursor = cursors.at(-1);
  const page = useLoaded(
    () =>
      body(api.GET("/v1/pipelines", { params: { query: { limit: 50, ...(words && { q: words }), ...(cursor && { cursor }) } } })),
    [words, cursor],
    REFRESH_SECONDS,
  );
  return (
    <>
      <div class="title">
        <h1>Pipelines</h1>
        <label class="search">
          <span class="hidden">Search pipelines</span>
          <input
            type="search"
            placeholder="Search name, description, id"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <Link href={toCreate()} class="button">
          New pipeline
        </Link>
      </div>
      <Show of={page} what="pipelines">
        {(found) =>
          found.items.length === 0 ? (
            <Empty>
              {words ? `Nothing matches “${words}”.` : "No pipelines yet. Make one here, or with the AWS CLI."}
            </Empty>
          ) : (
            <>
              <List of={found.items} />
              <div class="pages">
                <button type="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
                  Previous
                </button>
                <button
                  type="button"
                  disabled={found.nextCursor === undefined}
                  onClick={() => found.nextCursor !== undefined && setCursors([...cursors, found.nextCursor])}
                >
                  Next
                </button>
              </div>
            </>
          )
        }
      </Show>
    </>
  );
}

function List(props: { of: readonly Pipeline[] }): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Health</th>
            <th scope="col">Last run</th>
            <th scope="col">Tags</th>
            <th scope="col">Created by</th>
          </tr>
        </thead>
        <tbody>
          {props.of.map((each) => (
            <tr key={each.pipelineId}>
              <th scope="row">
                <Link href={toPipeline(each.pipelineId)}>{each.name}</Link>
                <div class="faint id">{each.pipelineId}</div>
              </th>
              <td>
                <Status of={each.state} />
              </td>
              <td>{each.health === "-" ? <span class="faint">–</span> : <Status of={each.health} />}</td>
              <td>
                <Moment at={each.latestRunAt} relative />
              </td>
              <td>
                <Tags of={each.tags} />
              </td>
              <td class="long">{each.createdBy}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
