import { expect, test } from "vitest";
import { belonging, blocksOf, columnOf, merged, newestOf, rowKey, rowsOf, type Cell, type TimelineRun } from "./columns";

const cell = (component: string, run: string, status = "FINISHED", more: Partial<Cell> = {}): Cell =>
  ({ instanceId: `@${component}_${run}`, componentId: component, status, attempts: 1, startedAt: `${run}Z`, ...more }) as Cell;
const at = (hour: number): string => `2026-01-01T${String(hour).padStart(2, "0")}:00:00`;
const run = (hour: number, ...cells: Cell[]): TimelineRun => ({
  runId: at(hour),
  scheduledStart: `${at(hour)}Z`,
  scheduledEnd: `${at(hour + 1)}Z`,
  cells: cells.length > 0 ? cells : [cell("Copy", at(hour))],
});
const NOTHING = { statuses: [] };

test("columns are the newest first, and older pages come behind them", () => {
  const first = merged([], [run(5), run(4)]);
  expect(merged(first, [run(3), run(6)]).map((each) => each.run)).toEqual([at(6), at(5), at(4), at(3)]);
});

test("what has changed replaces its cell alone, and what has not stays the same object", () => {
  const before = merged([], [run(5, cell("Copy", at(5), "RUNNING"), cell("In", at(5))), run(4)]);
  const after = merged(before, [run(5, cell("Copy", at(5), "FAILED"))]);
  expect([...after[0]!.cells.values()].map((each) => each.status)).toEqual(["FAILED", "FINISHED"]);
  expect(after[1]).toBe(before[1]);
  expect(merged(after, [run(5, cell("Copy", at(5), "FAILED"))])[0]).toBe(after[0]);
});

test("a precondition has a row for each object that it guards, above it", () => {
  const guards = cell("Ready", at(5), "RUNNING", { guards: `@Copy_${at(5)}` });
  const columns = merged([], [run(5, cell("Out", at(5)), cell("Copy", at(5)), guards, cell("Gone", at(5)))]);
  expect(rowsOf(columns, ["Copy", "Out"]).map((row) => [row.component, row.guarded])).toEqual([
    ["Ready", "Copy"],
    ["Copy", undefined],
    ["Out", undefined],
    ["Gone", undefined],
  ]);
  expect(rowKey(guards)).not.toBe(rowKey(cell("Ready", at(5))));
});

test("the newest cell of a component tells how it stands", () => {
  const columns = merged([], [run(5, cell("Copy", at(5), "FAILED")), run(4), run(3, cell("Old", at(3)))]);
  expect([...newestOf(columns)].map(([component, found]) => [component, found.status])).toEqual([
    ["Copy", "FAILED"],
    ["Old", "FINISHED"],
  ]);
});

test("a look brings what belongs: nothing older than what was loaded, nothing that was filtered out", () => {
  const known = merged([], [run(5), run(4)]);
  const found = [run(6, cell("Copy", at(6), "FAILED")), run(5), run(2)];
  const runs = (...rest: [Parameters<typeof belonging>[2], boolean]) => belonging(found, known, ...rest).map((each) => each.runId);
  expect(runs(NOTHING, false)).toEqual([at(6), at(5)]);
  expect(runs(NOTHING, true)).toEqual([at(6), at(5), at(2)]);
  expect(runs({ statuses: ["RUNNING"] }, true)).toEqual([at(5)]);
  expect(runs({ statuses: [], to: `${at(6)}Z` }, true)).toEqual([at(5), at(2)]);
});

test("blocks stay the same while nothing of them changes", () => {
  const columns = [9, 8, 7, 6, 5].map((hour) => columnOf(run(hour)));
  const before = blocksOf(columns, 2, []);
  const after = blocksOf([...columns, columnOf(run(4))], 2, before);
  expect(after.map((block) => block.length)).toEqual([2, 2, 2]);
  expect([after[0], after[1]]).toEqual([before[0], before[1]]);
  expect(after[0]).toBe(before[0]);
});
