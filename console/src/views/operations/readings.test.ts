import { expect, test } from "vitest";
import { lineOf, linesOf, moved, timesOf, type Operations } from "./readings";

const found: Operations = {
  from: "2026-01-31T06:00:00Z",
  to: "2026-01-31T06:03:00Z",
  periodSeconds: 60,
  series: [
    { name: "queueAge", of: "control", unit: "Seconds", values: [0, 4, null] },
    { name: "Throttles", unit: "Count", values: [null, null, null] },
  ],
  alarms: [],
};

test("periods begin at their times", () => {
  expect(timesOf(found)).toEqual([1769839200, 1769839260, 1769839320]);
});

test("a line is called after what it is of", () => {
  expect(linesOf(found, { queueAge: "Age", Throttles: "Throttled" }).map((line) => line.name)).toEqual(["control", "Throttled"]);
});

test("a line knows its latest, highest and total", () => {
  expect(lineOf("x", [1, 3, null])).toMatchObject({ latest: 3, highest: 3, total: 4 });
  expect(moved([lineOf("x", [null, 0]), lineOf("y", [1])]).map((line) => line.name)).toEqual(["y"]);
});
