import { expect, test } from "vitest";
import { links, picture, type DefinitionObject } from "./graph";

const COPY: DefinitionObject[] = [
  { id: "Default", scheduleType: "cron" },
  { id: "In", type: "S3DataNode" },
  { id: "Out", type: "S3DataNode" },
  { id: "Copy", type: "CopyActivity", input: { ref: "In" }, output: { ref: "Out" }, onFail: [{ ref: "Alarm" }] },
  { id: "Alarm", type: "SnsAlarm" },
];

test("inputs lead to an activity, and it to its outputs and actions", () => {
  const shown = new Map(COPY.slice(1).map((each) => [each.id, each]));
  expect([...links(shown)]).toEqual([
    { from: "In", to: "Copy", field: "input" },
    { from: "Copy", to: "Out", field: "output" },
    { from: "Copy", to: "Alarm", field: "onFail" },
  ]);
});

test("what leads to something stands left of it, and nothing overlaps", () => {
  const found = picture(COPY);
  const at = new Map(found.nodes.map((node) => [node.id, node]));
  expect([...at.keys()].sort()).toEqual(["Alarm", "Copy", "In", "Out"]);
  expect(at.get("In")!.x).toBeLessThan(at.get("Copy")!.x);
  expect(at.get("Copy")!.x).toBeLessThan(at.get("Out")!.x);
  expect(Math.abs(at.get("Out")!.y - at.get("Alarm")!.y)).toBeGreaterThanOrEqual(46);
});

test("references to nothing are left out", () => {
  expect(picture([{ id: "A", type: "CopyActivity", input: { ref: "Nobody" } }]).edges).toEqual([]);
});
