/** Outlooks of the pipelines in view: asked once each, a few at a time, and again when something has run since. */
import { useEffect, useState } from "preact/hooks";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";

export type Pipeline = components["schemas"]["Pipeline"];
export type Outlook = components["schemas"]["Outlook"];

const AT_ONCE = 4;
const KEPT = 500;
const MOST_RUNS = 16;

const known = new Map<string, Outlook>();
const waiting: { id: string; asked: () => void }[] = [];
let under = 0;

/** What it depends on: another state or a later run is another outlook, and so is a start that has come. */
const keyOf = (of: Pipeline): string => [of.pipelineId, of.state, of.health, of.latestRunAt, of.activeVersion].join(" ");

const isStale = (found: Outlook): boolean => {
  const next = found.nextRuns[0];
  return found.recentRuns.some((run) => run.endedAt === undefined) || (next !== undefined && Date.parse(next.at) < Date.now());
};

/** The pipeline's outlook once it is `seen`; undefined until then. `turn`: whenever it changes, what is stale is asked again. */
export function useOutlook(of: Pipeline, seen: boolean, turn: unknown): Outlook | undefined {
  const key = keyOf(of);
  const [, setTurn] = useState(0);
  useEffect(() => {
    const found = known.get(key);
    if (!seen || of.activeVersion === undefined || (found !== undefined && !isStale(found))) {
      return undefined;
    }
    const entry = { id: of.pipelineId, asked: () => void ask(of.pipelineId, key).then(() => setTurn((n) => n + 1)) };
    waiting.push(entry);
    next();
    return () => {
      const at = waiting.indexOf(entry);
      if (at >= 0) {
        waiting.splice(at, 1);
      }
    };
  }, [key, seen, turn]);
  return known.get(key) ?? latestOf(of.pipelineId);
}

/** What was known before, while the new one is on its way. */
function latestOf(id: string): Outlook | undefined {
  let found: Outlook | undefined;
  for (const [key, value] of known) {
    if (key.startsWith(`${id} `)) {
      found = value;
    }
  }
  return found;
}

function next(): void {
  while (under < AT_ONCE) {
    const entry = waiting.shift();
    if (entry === undefined) {
      return;
    }
    under += 1;
    entry.asked();
  }
}

async function ask(id: string, key: string): Promise<void> {
  try {
    const params = { path: { pipelineId: id }, query: { runs: MOST_RUNS, next: 1 } };
    known.set(key, await body(api.GET("/v1/pipelines/{pipelineId}/outlook", { params })));
    while (known.size > KEPT) {
      known.delete(known.keys().next().value as string);
    }
  } catch {
    // The row stays without: the list itself says when the service cannot be reached.
  } finally {
    under -= 1;
    next();
  }
}
