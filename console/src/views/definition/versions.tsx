/** The versions of a definition: by whom and when, which is active; compared, or opened as a draft to be saved anew. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { api, body } from "../../api/client";
import { toDefinition, toDifference } from "../../parts/address";
import { decoded } from "../../parts/hash";
import { Empty, Failure, Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { refusedFor } from "../../session/session";
import { keepDraft } from "./draft";
import { latestOf, readVersion, type Version } from "./saved";
import "./definition.css";

const PAGE = 50;

export function VersionsView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decoded(props.params.pipeline);
  const [cursor, setCursor] = useState<string>();
  const params = { path: { pipelineId: id }, query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } };
  const versions = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}/versions", { params })), [id, cursor]);
  return (
    <>
      <div class="title">
        <h1>Versions</h1>
        <Link href={toDefinition(id)} class="button">
          Back to the editor
        </Link>
      </div>
      <Show of={versions} what="versions">
        {(page) =>
          page.items.length === 0 ? (
            <Empty>Nothing has been saved yet.</Empty>
          ) : (
            <>
              <Table pipeline={id} versions={page.items} />
              <div class="pages">
                {cursor !== undefined && (
                  <button type="button" onClick={() => setCursor(undefined)}>
                    Newest
                  </button>
                )}
                {page.nextCursor !== undefined && (
                  <button type="button" onClick={() => setCursor(page.nextCursor)}>
                    Older
                  </button>
                )}
              </div>
            </>
          )
        }
      </Show>
    </>
  );
}

/** What one most likely compares the latest with: what runs, or else what was there before. */
function otherThanLatest(versions: readonly Version[]): Version | undefined {
  return versions.find((each) => each.active && !each.latest) ?? versions[1] ?? versions[0];
}

function Table(props: { pipeline: string; versions: readonly Version[] }): JSX.Element {
  const [before, setBefore] = useState(otherThanLatest(props.versions)?.version);
  const [after, setAfter] = useState(props.versions[0]?.version);
  const [failure, setFailure] = useState<Error>();
  const [, go] = useLocation();
  const refused = refusedFor("penstock/write");

  async function restore(version: number): Promise<void> {
    try {
      const [old, latest] = await Promise.all([readVersion(props.pipeline, String(version)), latestOf(props.pipeline)]);
      keepDraft(props.pipeline, old.text, `"${latest?.version ?? 0}"`);
      go(toDefinition(props.pipeline));
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return (
    <>
      {failure !== undefined && <Failure error={failure} what="version" />}
      <div class="orders">
        <Link
          href={toDifference(props.pipeline, String(before), String(after))}
          class={`button${before === after ? " disabled" : ""}`}
          aria-disabled={before === after}
        >
          Compare the chosen two
        </Link>
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Saved</th>
              <th scope="col">By</th>
              <th scope="col">Restore</th>
            </tr>
          </thead>
          <tbody>
            {props.versions.map((each) => (
              <tr key={each.version}>
                <td>
                  <Choice name="before" version={each} chosen={before} choose={setBefore} says="from" />
                </td>
                <td>
                  <Choice name="after" version={each} chosen={after} choose={setAfter} says="to" />
                </td>
                <th scope="row">
                  <Moment at={each.savedAt} /> {each.latest && <span class="status busy">latest</span>}{" "}
                  {each.active && <span class="status good">active</span>}{" "}
                  {each.activated && !each.active && <span class="status off">was activated</span>}
                </th>
                <td class="long">{each.savedBy}</td>
                <td>
                  <button
                    type="button"
                    disabled={refused !== undefined || each.latest}
                    title={refused ?? (each.latest ? "This is the latest already" : undefined)}
                    onClick={() => void restore(each.version)}
                  >
                    Open as draft
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Choice(props: {
  name: string;
  version: Version;
  chosen: number | undefined;
  choose: (version: number) => void;
  says: string;
}): JSX.Element {
  const { version } = props.version;
  return (
    <input
      type="radio"
      name={props.name}
      aria-label={`Compare ${props.says} the version saved ${props.version.savedAt}`}
      checked={props.chosen === version}
      onChange={() => props.choose(version)}
    />
  );
}
