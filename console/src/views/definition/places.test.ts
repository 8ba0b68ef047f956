import { expect, test } from "vitest";
import { fieldIn, placeOf } from "./places";

const TEXT = `{
  "objects": [
    {"id": "Default", "scheduleType": "cron"},
    {"id": "Copy", "type": "CopyActivity", "input": {"ref": "Nobody"}}
  ]
}`;

function marked(objectId: string, field?: string): string | undefined {
  const place = placeOf(TEXT, objectId, field);
  return place && TEXT.slice(place.from, place.to);
}

test("a fault of a field is marked at its value", () => {
  expect(marked("Copy", "input")).toBe('{"ref": "Nobody"}');
});

test("a fault of a field that is missing is marked at the object's id", () => {
  expect(marked("Copy", "output")).toBe('"Copy"');
  expect(marked("Copy")).toBe('"Copy"');
});

test("a fault of no object is marked nowhere, also while the text is broken", () => {
  expect(marked("Other")).toBeUndefined();
  expect(placeOf('{"objects": [{"id": "A', "B")).toBeUndefined();
});

test("messages quote the field they are about", () => {
  expect(fieldIn("The required field 'input' is missing.")).toBe("input");
  expect(fieldIn("Nothing quoted")).toBeUndefined();
});
