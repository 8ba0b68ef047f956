import { expect, test } from "vitest";
import { labelsOf, pointsOf, said, type Result } from "./sightings";

const result = (at: string, ...labels: [string, number][]): Result => ({
  item: `s3://b/${at}`,
  model: "m",
  at,
  hasPicture: true,
  sightings: labels.map(([label, confidence]) => ({ label, confidence })),
});
const NOON = "2026-01-01T12:00:00Z";
const LATER = "2026-01-01T12:00:05Z";
const RESULTS = [result(LATER, ["Dog", 80]), result(NOON, ["Cat", 90.04], ["Dog", 99]), result(NOON, ["Cat", 70])];

test("labels are counted, the commonest first", () => {
  expect(labelsOf(RESULTS).map((each) => [each.name, each.times, each.highest])).toEqual([
    ["Cat", 2, 90.04],
    ["Dog", 2, 99],
  ]);
  expect(labelsOf(RESULTS)[1]).toMatchObject({ first: NOON, last: LATER });
});

test("points are in order of time, the surest of each moment", () => {
  const noon = Date.parse(NOON) / 1000;
  expect(pointsOf(RESULTS, ["Cat", "Dog"])).toEqual([
    [noon, noon + 5],
    [90.04, null],
    [99, 80],
  ]);
});

test("a result is told in words", () => {
  expect(said(RESULTS[1] as Result)).toBe("Cat 90.0 %, Dog 99.0 %");
  expect(said(result(NOON, ["setosa", 0.98765]))).toBe("setosa 0.988");
  expect(said(result(NOON))).toBe("nothing was found");
  expect(said({ ...result(NOON), error: { code: "Bad", message: "no image" } })).toBe("Bad: no image");
});
