/** The deployment's readings, arranged for showing: lines of a chart, what each came to, and what is wrong. */
import type { components } from "../../api/schema";

export type Operations = components["schemas"]["Operations"];
export type Series = components["schemas"]["GaugeSeries"];

export interface Line {
  name: string;
  values: readonly (number | null)[];
  latest: number | undefined;
  highest: number;
  total: number;
}

/** The beginning of each period, in seconds since 1970. */
export function timesOf(of: Operations): readonly number[] {
  const from = Date.parse(of.from) / 1000;
  const many = of.series[0]?.values.length ?? 0;
  return Array.from({ length: many }, (_, at) => from + at * of.periodSeconds);
}

/** The lines of these series, in the order of `names`, each called after what it is of, or as `names` has it. */
export function linesOf(of: Operations, names: Readonly<Record<string, string>>): readonly Line[] {
  const order = Object.keys(names);
  const found = of.series.filter((each) => each.name in names).sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  return found.map((each) => lineOf(each.of ?? (names[each.name] as string), each.values));
}

export function lineOf(name: string, values: readonly (number | null)[]): Line {
  const known = values.filter((value): value is number => value !== null);
  return { name, values, latest: known.at(-1), highest: Math.max(0, ...known), total: known.reduce((sum, value) => sum + value, 0) };
}

/** Those that anything happened on. */
export function moved<T extends Line>(lines: readonly T[]): readonly T[] {
  return lines.filter((line) => line.highest > 0);
}
