/** When each object of a run waited and worked, as parts of the run's length. */
import type { Summary } from "./watch";

export interface Bar {
  id: string;
  /** Parts of the whole, 0 to 1. */
  from: number;
  worked: number;
  to: number;
  live: boolean;
}

export interface Chart {
  bars: ReadonlyMap<string, Bar>;
  from: number;
  to: number;
}

/** Instances in order of when they began, then by name; `now` ends what has not. Milliseconds. */
export function chart(instances: readonly Summary[], now: number): Chart {
  const from = Math.min(...instances.map((each) => Date.parse(each.startedAt)));
  const ends = instances.map((each) => endOf(each, now));
  const to = Math.max(...ends, from + 1);
  const part = (moment: number): number => Math.min(1, Math.max(0, (moment - from) / (to - from)));
  const bars = instances.map((each): [string, Bar] => {
    const end = endOf(each, now);
    const worked = each.workStartedAt === undefined ? end : Math.min(Date.parse(each.workStartedAt), end);
    const live = each.endedAt === undefined;
    return [each.instanceId, { id: each.instanceId, from: part(Date.parse(each.startedAt)), worked: part(worked), to: part(end), live }];
  });
  return { bars: new Map(bars), from, to };
}

export function inOrder(instances: readonly Summary[]): readonly Summary[] {
  const key = (each: Summary): string => `${each.workStartedAt ?? each.endedAt ?? "~"} ${each.componentId}`;
  return [...instances].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function endOf(each: Summary, now: number): number {
  return each.endedAt === undefined ? now : Date.parse(each.endedAt);
}
