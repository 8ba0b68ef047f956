/** The choice of a run in which expressions are evaluated; the newest to begin with. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { api, body } from "../../api/client";
import { useLoaded } from "../../parts/loaded";

const MOST_SHOWN = 25;
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function RunChoice(props: { pipeline: string; chosen: string | undefined; choose: (run: string | undefined) => void }): JSX.Element {
  const params = { path: { pipelineId: props.pipeline }, query: { limit: MOST_SHOWN } };
  const runs = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}/runs", { params })), [props.pipeline]);
  const items = runs.value?.items ?? [];
  useEffect(() => props.choose(items[0]?.runId), [runs.value]);
  return (
    <label class="check">
      Run
      <select
        value={props.chosen ?? items[0]?.runId ?? ""}
        disabled={items.length === 0}
        title="Expressions are evaluated in this run"
        onChange={(event) => props.choose(event.currentTarget.value || undefined)}
      >
        {items.length === 0 && <option value="">{runs.failure === undefined && runs.value === undefined ? "…" : "none yet"}</option>}
        {items.map((each) => (
          <option key={each.runId} value={each.runId}>
            {TIME.format(new Date(each.scheduledStart))}, {each.status.replaceAll("_", " ").toLowerCase()}
          </option>
        ))}
      </select>
    </label>
  );
}
