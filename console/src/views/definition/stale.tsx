/** Somebody else saved meanwhile: who and when, what differs, and the two ways on. The text in the editor stays. */
import type { JSX } from "preact";
import { Suspense, lazy } from "preact/compat";
import { useState } from "preact/hooks";
import { Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { latestOf, readLatest, type Saved } from "./saved";

const Comparison = lazy(() => import("./comparison"));

export function Stale(props: {
  pipeline: string;
  text: string;
  overwrite: (etag: string) => void;
  take: (theirs: Saved) => void;
}): JSX.Element {
  const [compared, setCompared] = useState(false);
  const theirs = useLoaded(
    async () => ({ version: await latestOf(props.pipeline), saved: await readLatest(props.pipeline) }),
    [props.pipeline],
  );
  return (
    <section class="notice" aria-label="Saved by somebody else" role="alert">
      <Show of={theirs} what="the other version">
        {({ version, saved }) => (
          <>
            <p>
              <strong>{version?.savedBy ?? "Somebody"}</strong> saved another version, <Moment at={version?.savedAt} />. Yours is not saved; its
              text stays here.
            </p>
            <div class="orders">
              <button type="button" aria-expanded={compared} onClick={() => setCompared(!compared)}>
                {compared ? "Hide what differs" : "Show what differs"}
              </button>
              <button type="button" onClick={() => props.overwrite(saved.etag)}>
                Save mine over it
              </button>
              <button type="button" onClick={() => props.take(saved)}>
                Drop mine, take theirs
              </button>
            </div>
            {compared && (
              <Suspense fallback={<p class="loading">Loading the comparison …</p>}>
                <Comparison before={saved.text} after={props.text} names={["Theirs", "Yours"]} />
              </Suspense>
            )}
          </>
        )}
      </Show>
    </section>
  );
}
