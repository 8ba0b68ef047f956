/** Two versions of a definition compared: what changed in words, then the texts beside each other. */
import type { JSX } from "preact";
import { Suspense, lazy } from "preact/compat";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import { toDifference, toVersions } from "../../parts/address";
import { decoded } from "../../parts/hash";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { readVersion } from "./saved";
import { changesOf, type Change } from "./words";
import "./definition.css";

const Comparison = lazy(() => import("./comparison"));
const TONES = { added: "good", removed: "bad", changed: "waiting" } as const;
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const MICROSECONDS = 1000;

export function DifferenceView(props: { params: { pipeline: string; before: string; after: string } }): JSX.Element {
  const [id, before, after] = [props.params.pipeline, props.params.before, props.params.after].map(decoded) as [string, string, string];
  const path = { pipelineId: id, version: before, other: after };
  const found = useLoaded(async () => {
    const difference = body(api.GET("/v1/pipelines/{pipelineId}/versions/{version}/diff/{other}", { params: { path } }));
    const [changes, old, now] = await Promise.all([difference, readVersion(id, before), readVersion(id, after)]);
    return { changes, old: old.text, now: now.text };
  }, [id, before, after]);
  return (
    <>
      <div class="title">
        <h1>What changed</h1>
        <Link href={toDifference(id, after, before)} class="button">
          The other way round
        </Link>
        <Link href={toVersions(id)} class="button">
          All versions
        </Link>
      </div>
      <Show of={found} what="versions">
        {({ changes, old, now }) => (
          <>
            <Words of={changesOf(changes)} />
            <h2>The texts</h2>
            <Suspense fallback={<p class="loading">Loading the comparison …</p>}>
              <Comparison before={old} after={now} names={[`saved ${timeOf(changes.before)}`, `saved ${timeOf(changes.after)}`]} />
            </Suspense>
          </>
        )}
      </Show>
    </>
  );
}

/** A version is numbered by its time. */
function timeOf(version: number): string {
  return TIME.format(new Date(version / MICROSECONDS));
}

function Words(props: { of: readonly Change[] }): JSX.Element {
  if (props.of.length === 0) {
    return <Empty>Nothing differs. Whether a secret changed is not told.</Empty>;
  }
  return (
    <ul class="changes">
      {props.of.map((each) => (
        <li key={`${each.kind} ${each.id} ${each.how}`}>
          <span class={`status ${TONES[each.how]}`}>{each.how}</span> {each.kind} <strong>{each.id}</strong>
          {each.fields.length > 0 && (
            <ul>
              {each.fields.map((field) => (
                <li key={field.key}>
                  <code>{field.key}</code> {inWords(field)}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

function inWords(field: { before: string; after: string }): string {
  if (field.before === "") {
    return `is new: ${field.after}`;
  }
  return field.after === "" ? `is gone; it was ${field.before}` : `was ${field.before}, is ${field.after}`;
}
