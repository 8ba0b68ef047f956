import { expect, test } from "vitest";
import { faultOf, faultsOf, sentOf, type Parameter } from "./checks";

const parameter = (more: Partial<Parameter>): Parameter => ({
  id: "my",
  type: "String",
  isArray: false,
  required: false,
  secret: false,
  default: [],
  allowedValues: [],
  pattern: "^([\\s\\S]*)$",
  expected: "a text",
  description: "",
  ...more,
});
const count = parameter({ type: "Integer", pattern: "^([+-]?[0-9]+)$", expected: "a whole number" });

test("what is required has to be given", () => {
  expect(faultOf(parameter({ required: true }), "")).toBe("Needs a text");
  expect(faultOf(parameter({}), "")).toBeUndefined();
});

test("a value is of its parameter's type", () => {
  expect(faultOf(count, "12")).toBeUndefined();
  expect(faultOf(count, "1.5")).toBe("Expected a whole number, not “1.5”");
});

test("a list has a value a line", () => {
  const many = { ...count, isArray: true };
  expect(faultOf(many, "1\n2\n")).toBeUndefined();
  expect(faultOf(many, "1\nx")).toContain("“x”");
  expect(sentOf([many], { my: "1\n2\n" })).toEqual({ my: ["1", "2"] });
});

test("a value is one of those that are allowed", () => {
  expect(faultOf(parameter({ allowedValues: ["a", "b"] }), "c")).toBe("Expected one of a, b, not “c”");
});

test("what was left open is not sent", () => {
  expect(sentOf([count, parameter({ id: "other" })], { my: "1", other: "" })).toEqual({ my: "1" });
  expect(faultsOf([count], { my: "x" })).toEqual({ my: "Expected a whole number, not “x”" });
});
