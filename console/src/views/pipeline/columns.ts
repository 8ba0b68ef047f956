/** A timeline's data: runs as columns, the newest first, each with its cells by row. Must not know how it is drawn. */
import type { components } from "../../api/schema";

export type Cell = components["schemas"]["TimelineCell"];
export type TimelineRun = components["schemas"]["TimelineRun"];

export interface Column {
  run: string;
  start: string;
  end: string;
  cells: ReadonlyMap<string, Cell>;
}

/** What a timeline is narrowed to. */
export interface Narrowed {
  statuses: readonly string[];
  from?: string | undefined;
  to?: string | undefined;
}

/** A row: a component; for a precondition, the one that it guards besides. */
export interface Row {
  key: string;
  component: string;
  guarded?: string | undefined;
}

const BETWEEN = "\n";

/** Ids are told apart by the row they are in: a precondition has an instance for each object that it guards. */
export function rowKey(cell: Cell): string {
  return cell.guards === undefined ? cell.componentId : cell.componentId + BETWEEN + componentOf(cell.guards);
}

export function rowOf(key: string): Row {
  const [component = "", guarded] = key.split(BETWEEN);
  return { key, component, guarded };
}

/** The component part of an instance's id. */
function componentOf(instance: string): string {
  return instance.slice(1, instance.lastIndexOf("_"));
}

export function columnOf(found: TimelineRun): Column {
  return {
    run: found.runId,
    start: found.scheduledStart,
    end: found.scheduledEnd,
    cells: new Map(found.cells.map((cell) => [rowKey(cell), cell])),
  };
}

/** Both together, newest first; cells of `found` win. Columns that are the same stay the same objects. */
export function merged(known: readonly Column[], found: readonly TimelineRun[]): readonly Column[] {
  if (found.length === 0) {
    return known;
  }
  const columns = new Map(known.map((each) => [each.run, each]));
  for (const each of found) {
    const before = columns.get(each.runId);
    const after = columnOf(each);
    columns.set(each.runId, before === undefined ? after : withCells(before, after));
  }
  return [...columns.values()].sort((a, b) => (a.run < b.run ? 1 : a.run > b.run ? -1 : 0));
}

function withCells(before: Column, after: Column): Column {
  const changed = [...after.cells].filter(([key, cell]) => !same(before.cells.get(key), cell));
  return changed.length === 0 ? before : { ...before, cells: new Map([...before.cells, ...changed]) };
}

function same(a: Cell | undefined, b: Cell): boolean {
  return (
    a !== undefined &&
    a.status === b.status &&
    a.attempts === b.attempts &&
    a.endedAt === b.endedAt &&
    a.startedAt === b.startedAt &&
    a.stuck === b.stuck &&
    a.late === b.late
  );
}

/** Runs of a look that belong into a timeline which is narrowed, or which does not reach back as far as they lie. */
export function belonging(found: readonly TimelineRun[], known: readonly Column[], narrowed: Narrowed, whole: boolean): TimelineRun[] {
  const oldest = known.at(-1)?.run;
  const listed = new Set(known.map((each) => each.run));
  return found.filter(
    (each) =>
      listed.has(each.runId) ||
      ((whole || oldest === undefined || each.runId > oldest) &&
        (narrowed.from === undefined || each.scheduledStart >= narrowed.from) &&
        (narrowed.to === undefined || each.scheduledStart < narrowed.to) &&
        (narrowed.statuses.length === 0 || each.cells.some((cell) => narrowed.statuses.includes(cell.status)))),
  );
}

/** Every row there is a cell of, in the given order of components, what is not in it last. */
export function rowsOf(columns: readonly Column[], order: readonly string[]): readonly Row[] {
  const rank = new Map(order.map((component, number) => [component, number]));
  const keys = new Set<string>();
  for (const column of columns) {
    for (const key of column.cells.keys()) {
      keys.add(key);
    }
  }
  const place = (row: Row): number => {
    const own = rank.get(row.guarded ?? row.component) ?? order.length;
    return row.guarded === undefined ? own : own - 0.5;
  };
  return [...keys].map(rowOf).sort((a, b) => place(a) - place(b) || (a.key < b.key ? -1 : 1));
}

/** What is known best of each component: its newest cell. A precondition counts as the check that stands worst. */
export function newestOf(columns: readonly Column[]): ReadonlyMap<string, Cell> {
  const found = new Map<string, { cell: Cell; run: string }>();
  for (const column of columns) {
    for (const cell of column.cells.values()) {
      const before = found.get(cell.componentId);
      if (before === undefined || (before.run === column.run && severity(cell) > severity(before.cell))) {
        found.set(cell.componentId, { cell, run: column.run });
      }
    }
  }
  return new Map([...found].map(([component, { cell }]) => [component, cell]));
}

const SEVERITY = ["FINISHED", "SKIPPED", "CANCELED", "WAITING_ON_DEPENDENCIES", "RUNNING", "CASCADE_FAILED", "TIMEDOUT", "FAILED"];

function severity(cell: Cell): number {
  return SEVERITY.indexOf(cell.status);
}

/** `columns` in blocks of `size`; a block with the columns it had before is the same object. */
export function blocksOf(columns: readonly Column[], size: number, before: readonly (readonly Column[])[]): readonly (readonly Column[])[] {
  const blocks: (readonly Column[])[] = [];
  for (let start = 0; start < columns.length; start += size) {
    const block = columns.slice(start, start + size);
    const known = before[blocks.length];
    const equal = known !== undefined && known.length === block.length && block.every((each, number) => each === known[number]);
    blocks.push(equal ? known : block);
  }
  return blocks;
}
