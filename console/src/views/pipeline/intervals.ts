/** Words about intervals and rows of a timeline, in the viewer's zone. */
import type { Column, Row } from "./columns";

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** Short names of columns: the day where one begins, the time within it. Columns are the newest first. */
export function labelsOf(columns: readonly Column[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  columns.forEach((column, number) => {
    const start = new Date(column.start);
    const before = columns[number + 1];
    const day = DAY.format(start);
    const begins = before === undefined || DAY.format(new Date(before.start)) !== day;
    labels.set(column.run, begins ? day : TIME.format(start));
  });
  return labels;
}

const spoken = new WeakMap<Column, string>();

/** The interval for those who hear it; kept, because every cell of a column says it. */
export function spokenOf(column: Column): string {
  let text = spoken.get(column);
  if (text === undefined) {
    text = WHOLE.format(new Date(column.start));
    spoken.set(column, text);
  }
  return text;
}

/** What a row is of. */
export function wordsOf(row: Row): string {
  return row.guarded === undefined ? row.component : `${row.component}, which guards ${row.guarded}`;
}
