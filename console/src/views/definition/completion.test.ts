import { expect, test } from "vitest";
import type { Catalogue, TypeField } from "./catalogue";
import { optionsAt } from "./completion";
import { expressionAt, spotAt } from "./cursor";
import { meant } from "./explanation";

const field = (name: string, more: Partial<TypeField> = {}): TypeField => ({
  name,
  kind: "String",
  when: "optional",
  multiple: false,
  help: `What ${name} is.`,
  ...more,
});

const CATALOGUE: Catalogue = {
  types: [
    {
      name: "CopyActivity",
      category: "activity",
      help: "Copies.",
      fields: [
        field("input", { kind: "Reference", targets: ["@datanode"] }),
        field("scheduleType", { kind: "Enumeration", allowedValues: ["cron", "ondemand"] }),
        field("lateAfter", { when: "required" }),
        field("@scheduledStartTime", { kind: "DateTime", when: "runtime" }),
      ],
    },
    { name: "S3DataNode", category: "datanode", help: "S3.", fields: [field("filePath"), field("encrypted", { kind: "Boolean" })] },
    { name: "Schedule", category: "schedule", help: "Times.", fields: [field("period")] },
  ],
  functions: [{ name: "format", parameters: ["DateTime", "String"], help: "As text." }],
};

const TEXT = `{
  "objects": [
    {"id": "Default", "myDay": "monday"},
    {"id": "Base", "type": "CopyActivity", "lateAfter": "1 hour"},
    {"id": "Copy", "parent": {"ref": "Base"}, "input": {"ref": "In<1>"}, "scheduleType": "<2>", "<3>": "x", "my1": "#{<4>}", "my2": "#{input.<5>}", "my3": "#{format(@sch<6>, 'YYYY')}" <7>},
    {"id": "In", "type": "<8>", "filePath": "s3://b/#{my<9>}", "encrypted": "<10>"},
    {"id": "Daily", "type": "Schedule"}
  ],
  "parameters": [{"id": "myBucket", "type": "<11>"}],
  "values": {"<12>": "x"}
}`;

function at(mark: number): { text: string; position: number } {
  const plain = TEXT.replace('"type": "<8>"', '"type": "S3DataNode<8>"');
  const before = plain.slice(0, plain.indexOf(`<${mark}>`)).replace(/<\d+>/g, "");
  return { text: plain.replace(/<\d+>/g, ""), position: before.length };
}

function labels(mark: number): readonly string[] {
  const { text, position } = at(mark);
  const spot = spotAt(text, position);
  const options = spot === undefined ? [] : optionsAt(spot, text, CATALOGUE);
  return [...options].sort((one, other) => (other.boost ?? 0) - (one.boost ?? 0)).map((each) => each.label);
}

test("a reference is offered the ids that fit first", () => {
  expect(labels(1)[0]).toBe("In");
  expect(labels(1)).not.toContain("Copy");
});

test("a value is offered what is allowed", () => {
  expect(labels(2)).toEqual(["cron", "ondemand"]);
  expect(labels(10)).toEqual(["true", "false"]);
  expect(labels(11)).toContain("AWS::S3::ObjectKey");
});

test("a name is offered the fields of the type, inherited too, that are not there yet", () => {
  expect(labels(3)).toContain("lateAfter");
  expect(labels(3)).not.toContain("input");
  expect(labels(3)).not.toContain("@scheduledStartTime");
  expect(labels(7)).toContain("lateAfter");
});

test("an expression is offered parameters, fields, runtime fields and functions", () => {
  expect(labels(4)).toEqual(expect.arrayContaining(["myBucket", "myDay", "lateAfter", "@scheduledStartTime", "format"]));
  expect(labels(4)[0]).toBe("myBucket");
  expect(labels(9)).toContain("myBucket");
  expect(labels(6)).toContain("@scheduledStartTime");
});

test("after a dot the fields of what it leads to are offered", () => {
  expect(labels(5)).toEqual(expect.arrayContaining(["filePath", "format"]));
  expect(labels(5)).not.toContain("myBucket");
});

test("types are offered with their family, parameters that have no value yet by their id", () => {
  expect(labels(8)).toEqual(["CopyActivity", "S3DataNode", "Schedule"]);
  expect(labels(12)).toEqual(["myBucket"]);
});

test("an expression is found with its object and field", () => {
  const { text, position } = at(6);
  expect(expressionAt(text, position)).toMatchObject({ text: "#{format(@sch, 'YYYY')}", objectId: "Copy", field: "my3" });
  expect(expressionAt(text, text.indexOf("monday"))).toBeUndefined();
});

test("types, fields and references are explained", () => {
  const { text } = at(1);
  const title = (place: number): string | undefined => meant(text, place, CATALOGUE)?.lines[0]?.text;
  expect(title(text.indexOf("CopyActivity") + 2)).toBe("CopyActivity, activity");
  expect(title(text.indexOf("filePath") + 2)).toBe("filePath: String");
  expect(title(text.indexOf('"Base"}') + 2)).toBe("Base, CopyActivity");
});
