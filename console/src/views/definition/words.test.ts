import { expect, test } from "vitest";
import { formatted, laidOut } from "./layout";
import { changesOf, parametersOf, summaryOf, timesOf } from "./words";

const NONE = { added: [], removed: [], changed: [] };

test("a difference is told in words", () => {
  const fields = [{ key: "input", before: [{ ref: "A" }], after: ["x", "y"] }];
  const found = changesOf({ before: 1, after: 2, objects: { added: ["B", "C"], removed: ["D"], changed: [{ id: "E", fields }] }, parameters: NONE, values: { ...NONE, added: ["myV"] } });
  expect(summaryOf(found)).toBe("2 objects added, 1 changed, 1 removed; 1 value added");
  expect(found.at(3)?.fields).toEqual([{ key: "input", before: "the object A", after: '"x", "y"' }]);
  expect(summaryOf([])).toBe("");
});

test("what activation leads to is told by the schedules", () => {
  expect(timesOf({ objects: [{ id: "Default", scheduleType: "ondemand" }] })[0]).toContain("on demand");
  const schedule = { id: "S", type: "Schedule", period: "1 day", startAt: "FIRST_ACTIVATION_DATE_TIME", occurrences: "3" };
  expect(timesOf({ objects: [schedule] })).toEqual(["S: every 1 day from its first activation, 3 times (UTC)."]);
});

test("parameters are asked for as they are declared", () => {
  const [found] = parametersOf({ objects: [], parameters: [{ id: "myR", isArray: "true", default: ["a", "b"] }], values: { myR: "c" } });
  expect(found).toMatchObject({ several: true, given: ["c"], fallback: ["a", "b"], optional: false });
});

test("references stay on one line, also when laid out twice", () => {
  const once = laidOut({ objects: [{ id: "A", input: { ref: 'B "x"' } }] });
  expect(once).toContain('"input": { "ref": "B \\"x\\"" }');
  expect(formatted(once)).toBe(once);
  expect(formatted("{")).toBeUndefined();
});
