/** The last runs as bars: height says how long each took, colour how it ended. The words beside say the same. */
import type { JSX } from "preact";
import { span } from "../../parts/moment";
import { toneOf } from "../../parts/status";
import type { Outlook } from "./outlooks";

type Run = Outlook["recentRuns"][number];

const WIDTH = 6;
const HEIGHT = 24;
const LEAST = 3;

export function Spark(props: { of: readonly Run[] }): JSX.Element {
  const runs = [...props.of].reverse();
  const longest = Math.max(...runs.map((run) => took(run)), 1);
  return (
    <svg
      class="spark"
      role="img"
      aria-label={told(props.of)}
      width={runs.length * WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${runs.length * WIDTH} ${HEIGHT}`}
    >
      <title>{told(props.of)}</title>
      {runs.map((run, at) => {
        const height = Math.max(LEAST, (took(run) / longest) * HEIGHT);
        return (
          <rect
            key={run.runId}
            class={toneOf(run.status)}
            x={at * WIDTH}
            y={HEIGHT - height}
            width={WIDTH - 2}
            height={height}
            rx={1}
          />
        );
      })}
    </svg>
  );
}

function took(run: Run): number {
  return run.seconds ?? Math.max(0, (Date.now() - Date.parse(run.startedAt)) / 1000);
}

/** In words: how many ended how, and how long the newest and the longest took. Newest first. */
export function told(runs: readonly Run[]): string {
  const [newest] = runs;
  if (newest === undefined) {
    return "No runs yet";
  }
  const counts = new Map<string, number>();
  for (const run of runs) {
    const status = run.status.replaceAll("_", " ").toLowerCase();
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const ended = [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
  const longest = Math.max(...runs.map(took));
  const last = newest.seconds === undefined ? `the newest is ${newest.status.toLowerCase()}` : `the newest took ${span(newest.seconds)}`;
  return `Last ${runs.length === 1 ? "run" : `${runs.length} runs`}: ${ended}; ${last}, the longest ${span(longest)}`;
}
