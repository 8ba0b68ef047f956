/** A run as it goes on: read once, then every change of it as it happens, by long polls. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { useLoaded, type Loaded } from "../../parts/loaded";

export type RunDetail = components["schemas"]["RunDetail"];
export type Summary = components["schemas"]["InstanceSummary"];
type LiveRun = components["schemas"]["LiveRun"];

const WAIT_SECONDS = 20;
const AFTER_FAILURE_MS = 4000;

/** What is known, with what a look told newer; instances keep their order by id. */
export function merged(known: RunDetail, seen: LiveRun): RunDetail {
  const byId = new Map(known.instances.map((each) => [each.instanceId, each]));
  for (const each of seen.instances) {
    byId.set(each.instanceId, each);
  }
  return { ...known, run: seen.run ?? known.run, instances: [...byId.values()] };
}

/** The run; what is told beside its instances (reasons, totals) is read again after each change. */
export function useRun(pipeline: string, run: string): Loaded<RunDetail> {
  const path = { pipelineId: pipeline, runId: run };
  const detail = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/runs/{runId}", { params: { path } })),
    [pipeline, run],
  );
  const [seen, setSeen] = useState<LiveRun>();
  const again = useRef(detail.again);
  again.current = detail.again;
  const there = detail.value !== undefined;
  useEffect(() => {
    setSeen(undefined);
    if (!there) {
      return undefined;
    }
    const ended = new AbortController();
    void follow(path, ended.signal, (found) => {
      setSeen(found);
      again.current();
    });
    return () => ended.abort();
  }, [pipeline, run, there]);
  useEffect(() => setSeen(undefined), [detail.value]);
  return detail.value !== undefined && seen !== undefined ? { ...detail, value: merged(detail.value, seen) } : detail;
}

async function follow(
  path: { pipelineId: string; runId: string },
  signal: AbortSignal,
  tell: (seen: LiveRun) => void,
): Promise<void> {
  let since: string | undefined;
  while (!signal.aborted) {
    try {
      const query = since === undefined ? { wait: 0 } : { since, wait: WAIT_SECONDS };
      const seen = await body(
        api.GET("/v1/pipelines/{pipelineId}/runs/{runId}/live", { params: { path, query }, signal }),
      );
      if (since !== undefined && (seen.run !== undefined || seen.instances.length > 0)) {
        tell(seen);
      }
      since = seen.cursor;
    } catch {
      await pause(AFTER_FAILURE_MS, signal); // the view shows the failure when it is asked for again
    }
    await shown(signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Nobody looks at a hidden page, so nothing is asked for it. */
function shown(signal: AbortSignal): Promise<void> {
  if (!document.hidden) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => resolve());
  });
}
