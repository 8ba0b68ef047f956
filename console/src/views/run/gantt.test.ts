import { expect, test } from "vitest";
import { chart, inOrder } from "./gantt";
import { merged, type RunDetail, type Summary } from "./watch";

function instance(id: string, times: Partial<Summary>): Summary {
  return { instanceId: `@${id}`, componentId: id, startedAt: "2026-01-01T00:00:00Z", status: "FINISHED", ...times } as Summary;
}

const FIRST = instance("First", { workStartedAt: "2026-01-01T00:00:02Z", endedAt: "2026-01-01T00:00:05Z" });
const SECOND = instance("Second", { status: "RUNNING", workStartedAt: "2026-01-01T00:00:06Z" });
const NOW = Date.parse("2026-01-01T00:00:10Z");

test("bars tell waiting from working as parts of the run", () => {
  const { bars } = chart([FIRST, SECOND], NOW);
  expect(bars.get("@First")).toMatchObject({ from: 0, worked: 0.2, to: 0.5, live: false });
  expect(bars.get("@Second")).toMatchObject({ from: 0, worked: 0.6, to: 1, live: true });
});

test("a run that took no time at all still has bars", () => {
  const { bars } = chart([instance("A", { endedAt: "2026-01-01T00:00:00Z" })], NOW);
  expect(bars.get("@A")).toMatchObject({ from: 0, to: 0 });
});

test("objects stand in the order in which they worked, those that have not at the end", () => {
  expect(inOrder([SECOND, instance("Waits", {}), FIRST]).map((each) => each.componentId)).toEqual(["First", "Second", "Waits"]);
});

test("a look replaces what changed and keeps the rest", () => {
  const known = { run: { status: "RUNNING" }, instances: [FIRST, SECOND] } as unknown as RunDetail;
  const found = merged(known, { instances: [{ ...SECOND, status: "FINISHED" }], cursor: "c" });
  expect(found.run.status).toBe("RUNNING");
  expect(found.instances.map((each) => each.status)).toEqual(["FINISHED", "FINISHED"]);
});
