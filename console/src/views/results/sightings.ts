/** What was seen, summed up: in words, by label, and as points of a chart. Knows nothing of the page. */
import type { components } from "../../api/schema";

export type Result = components["schemas"]["InferenceResult"];

export interface Label {
  name: string;
  times: number;
  highest: number | undefined;
  first: string | undefined;
  last: string | undefined;
}

/** When it was: what the picture shows, else when the model answered. */
export function momentOf(result: Result): string | undefined {
  return result.momentAt ?? result.at;
}

/** A result in words. */
export function said(of: Result): string {
  if (of.error !== undefined) {
    return `${of.error.code}: ${of.error.message}`;
  }
  if (of.sightings.length === 0) {
    return "nothing was found";
  }
  return of.sightings.map((seen) => `${seen.label === "" ? "score" : seen.label}${sure(seen.confidence)}`).join(", ");
}

/** Rekognition speaks of percents, other models of parts of one. */
export function sure(confidence: number | undefined): string {
  if (confidence === undefined) {
    return "";
  }
  return confidence > 1 ? ` ${confidence.toFixed(1)} %` : ` ${confidence.toFixed(3)}`;
}

/** Labels by how often they were seen. */
export function labelsOf(results: readonly Result[]): readonly Label[] {
  const found = new Map<string, Label>();
  for (const result of results) {
    const at = momentOf(result);
    for (const seen of result.sightings) {
      const label = found.get(seen.label) ?? { name: seen.label, times: 0, highest: undefined, first: at, last: at };
      label.times += 1;
      label.highest = higher(label.highest, seen.confidence);
      label.first = at !== undefined && (label.first === undefined || at < label.first) ? at : label.first;
      label.last = at !== undefined && (label.last === undefined || at > label.last) ? at : label.last;
      found.set(seen.label, label);
    }
  }
  return [...found.values()].sort((a, b) => b.times - a.times || a.name.localeCompare(b.name));
}

function higher(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

/** Seconds, and for each label the highest confidence then, null where it was not seen; in order of time. */
export function pointsOf(results: readonly Result[], labels: readonly string[]): [number[], ...(number | null)[][]] {
  const rows = new Map<number, Map<string, number>>();
  for (const result of results) {
    const at = Date.parse(momentOf(result) ?? "") / 1000;
    for (const seen of Number.isNaN(at) ? [] : result.sightings) {
      const row = rows.get(at) ?? new Map<string, number>();
      row.set(seen.label, Math.max(row.get(seen.label) ?? 0, seen.confidence ?? 1));
      rows.set(at, row);
    }
  }
  const times = [...rows.keys()].sort((a, b) => a - b);
  return [times, ...labels.map((label) => times.map((at) => rows.get(at)?.get(label) ?? null))];
}
