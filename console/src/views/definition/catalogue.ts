/** The object catalogue: asked for once, kept while the page is open, and looked things up in. */
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { refOf, textOf, type Outline, type Part } from "./outline";

export type Catalogue = components["schemas"]["Catalogue"];
export type ObjectType = components["schemas"]["ObjectType"];
export type TypeField = components["schemas"]["TypeField"];

let asked: Promise<Catalogue> | undefined;

export function readCatalogue(): Promise<Catalogue> {
  asked ??= body(api.GET("/v1/objectTypes")).catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

export function typeNamed(catalogue: Catalogue, name: string | undefined): ObjectType | undefined {
  return name === undefined ? undefined : catalogue.types.find((each) => each.name === name);
}

/** Whether the author may write it; the others are the service's. */
export function settable(field: TypeField): boolean {
  return field.when !== "runtime" && field.when !== "system";
}

/** Every field that an object of the type may have; of one without a type, which others inherit from, any field. */
export function fieldsFor(catalogue: Catalogue, type: ObjectType | undefined): readonly TypeField[] {
  if (type !== undefined) {
    return type.fields;
  }
  const all = new Map<string, TypeField>();
  for (const each of catalogue.types.flatMap((one) => one.fields)) {
    if (!all.has(each.name)) {
      all.set(each.name, each);
    }
  }
  return [...all.values()].sort((one, other) => one.name.localeCompare(other.name));
}

/** An object's type, its own or inherited. */
export function typeOf(part: Part, outline: Outline, catalogue: Catalogue): ObjectType | undefined {
  for (const each of lineOf(part, outline)) {
    const name = textOf(each.members.get("type")?.value, outline.text);
    if (name !== undefined) {
      return typeNamed(catalogue, name);
    }
  }
  return undefined;
}

/** The object and all that it inherits from, the nearest first. */
export function lineOf(part: Part, outline: Outline): readonly Part[] {
  const line: Part[] = [];
  let above: Part | undefined = part;
  while (above !== undefined && !line.includes(above)) {
    line.push(above);
    const id: string | undefined = refOf(above.members.get("parent")?.value, outline.text) ?? (above.id === "Default" ? undefined : "Default");
    above = outline.objects.find((each) => each.id === id);
  }
  return line;
}

/** Whether a reference to `type` may stand where `targets` are asked for. */
export function fits(type: ObjectType | undefined, targets: readonly string[]): boolean {
  return targets.some((each) => each === "*" || each === type?.name || each === `@${type?.category}`);
}
