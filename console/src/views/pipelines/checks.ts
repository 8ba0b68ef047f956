/** Whether what was typed for a parameter will do, as the service will judge it: by what the catalogue says of it. */
import type { components } from "../../api/schema";

export type Parameter = components["schemas"]["TemplateParameter"];

/** The values that a field's text stands for: one, or one a line. */
export function valuesOf(parameter: Parameter, text: string): readonly string[] {
  const lines = parameter.isArray ? text.split("\n") : [text];
  return lines.filter((line) => line !== "");
}

/** What is wrong with the text, in words; undefined when nothing is. */
export function faultOf(parameter: Parameter, text: string): string | undefined {
  const values = valuesOf(parameter, text);
  if (values.length === 0) {
    return parameter.required ? `Needs ${parameter.expected}` : undefined;
  }
  const pattern = new RegExp(parameter.pattern);
  const wrong = values.find((value) => !pattern.test(value));
  if (wrong !== undefined) {
    return `Expected ${parameter.expected}, not “${wrong}”`;
  }
  const foreign = values.find((value) => parameter.allowedValues.length > 0 && !parameter.allowedValues.includes(value));
  return foreign === undefined ? undefined : `Expected one of ${parameter.allowedValues.join(", ")}, not “${foreign}”`;
}

/** Every fault of a filled form, by parameter. */
export function faultsOf(parameters: readonly Parameter[], texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const found = parameters.map((each) => [each.id, faultOf(each, texts[each.id] ?? "")] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The values to send: one by itself, several as a list, and of what was left open nothing. */
export function sentOf(parameters: readonly Parameter[], texts: Readonly<Record<string, string>>): Readonly<Record<string, string | string[]>> {
  const found = parameters.map((each) => [each, valuesOf(each, texts[each.id] ?? "")] as const).filter(([, values]) => values.length > 0);
  return Object.fromEntries(found.map(([each, values]) => [each.id, each.isArray ? [...values] : (values[0] as string)]));
}
