import { expect, test } from "vitest";
import { brokenAt, faultsOf, fieldIn, placeOf } from "./places";

const TEXT = `{
  "objects": [
    {"id": "Default", "scheduleType": "cron"},
    {"id": "Copy", "type": "CopyActivty", "input": {"ref": "Nobody"}, "onFail": [{"ref": "A"}, {"ref": "B"}], "comand": "x"},
    {"id": "Node", "type": "S3DataNode", "filePath": "s3://b/#{buckt}/x"}
  ],
  "parameters": [{"id": "myCount", "type": "Integer"}],
  "values": {"myCount": "five"}
}`;

function marked(objectId: string, message: string, code?: string): string | undefined {
  const place = placeOf(TEXT, { objectId, message, severity: "error", ...(code === undefined ? {} : { code }) });
  return place && TEXT.slice(place.from, place.to);
}

test("a fault of a field is marked at its value, or at what it quotes of it", () => {
  expect(marked("Copy", "'input' expects a data node.")).toBe('{"ref": "Nobody"}');
  expect(marked("Copy", "'input' refers to 'Nobody', which is not there.")).toBe("Nobody");
  expect(marked("Copy", "'onFail' refers to 'B', which is not there.")).toBe("B");
});

test("a fault in an expression is marked at the name that is wrong", () => {
  expect(marked("Node", "'filePath': Node has no field buckt at column 10\ns3://b/#{buckt}/x\n         ^")).toBe("buckt");
});

test("an unknown field is marked at its name, an unknown type at the type", () => {
  expect(marked("Copy", "'comand' is no field of CopyActivity.", "UNKNOWN_FIELD")).toBe('"comand"');
  expect(marked("Copy", "There is no object type 'CopyActivty'.", "UNKNOWN_TYPE")).toBe('"CopyActivty"');
});

test("a fault of a field that is missing is marked at the object's id", () => {
  expect(marked("Copy", "The required field 'output' is missing.")).toBe('"Copy"');
});

test("a fault of a parameter is marked at its value or its declaration", () => {
  expect(marked("myCount", "The value must be a whole number, 'five' was given.")).toBe('"five"');
  expect(marked("myCount", "'type' expects 'String', 'Integer' was given.")).toBe("Integer");
});

test("what has a wrong shape is marked by its path", () => {
  const place = placeOf(TEXT, { field: "objects[1].onFail[0]", message: "is a number", severity: "error" });
  expect(place && TEXT.slice(place.from, place.to)).toBe('{"ref": "A"}');
});

test("a fault of no object is marked nowhere, and listed last", () => {
  const finding = { message: "'input' is missing", severity: "error" };
  const faults = faultsOf(TEXT, [{ ...finding, objectId: "Other" }, { ...finding, objectId: "Copy" }]);
  expect(faults.map((each) => [each.subject, each.place !== undefined])).toEqual([
    ["Copy", true],
    ["Other", false],
  ]);
});

test("what is not JSON is marked where it stops being it", () => {
  expect(brokenAt(TEXT)).toBeUndefined();
  const broken = '{\n  "objects": [\n    {"id": "A" "type": "B"}\n  ]\n}';
  const place = brokenAt(broken)?.place;
  expect(place?.from).toBeGreaterThan(broken.indexOf('"A"'));
  expect(place?.from).toBeLessThan(broken.indexOf('"B"'));
  expect(brokenAt('{"objects": [')?.place).toEqual({ from: 12, to: 13 });
  expect(brokenAt("")?.place).toEqual({ from: 0, to: 1 });
});

test("messages quote the field they are about", () => {
  expect(fieldIn("The required field 'input' is missing.")).toBe("input");
  expect(fieldIn("Nothing quoted")).toBeUndefined();
});
