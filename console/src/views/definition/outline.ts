/** What stands where in a definition's text: its objects, parameters and values, also while it is being typed. */
import { parser } from "@lezer/json";
import type { SyntaxNode, Tree } from "@lezer/common";

export interface Place {
  from: number;
  to: number;
}

/** One member of an object: the places of its name and of its value. */
export interface Member {
  name: string;
  named: Place;
  value: SyntaxNode | undefined;
}

/** One of the definition's objects or parameters. */
export interface Part {
  place: Place;
  id: string | undefined;
  members: ReadonlyMap<string, Member>;
}

export interface Outline {
  text: string;
  tree: Tree;
  objects: readonly Part[];
  parameters: readonly Part[];
  values: ReadonlyMap<string, Member>;
}

let last: Outline | undefined;

/** Read once for each text. */
export function outlineOf(text: string): Outline {
  if (last?.text !== text) {
    last = read(text);
  }
  return last;
}

function read(text: string): Outline {
  const tree = parser.parse(text);
  const top = tree.topNode.getChild("Object");
  const members = top === null ? new Map<string, Member>() : membersOf(top, text);
  const values = members.get("values")?.value;
  return {
    text,
    tree,
    objects: partsOf(members.get("objects")?.value, text),
    parameters: partsOf(members.get("parameters")?.value, text),
    values: values?.name === "Object" ? membersOf(values, text) : new Map<string, Member>(),
  };
}

function partsOf(list: SyntaxNode | undefined, text: string): Part[] {
  const found = list?.name === "Array" ? list.getChildren("Object") : [];
  return found.map((node) => {
    const members = membersOf(node, text);
    return { place: node, id: textOf(members.get("id")?.value, text), members };
  });
}

/** Of one name given twice the last counts, as in JSON.parse. */
export function membersOf(object: SyntaxNode, text: string): Map<string, Member> {
  const found = new Map<string, Member>();
  for (const property of object.getChildren("Property")) {
    const named = property.getChild("PropertyName");
    if (named !== null) {
      const name = unquoted(text.slice(named.from, named.to));
      const value = property.lastChild;
      const there = value !== null && value.from > named.from && !value.type.isError && value.name !== ":";
      found.set(name, { name, named, value: there ? value : undefined });
    }
  }
  return found;
}

/** A string's text; nothing for other values. */
export function textOf(node: SyntaxNode | undefined, text: string): string | undefined {
  return node?.name === "String" ? unquoted(text.slice(node.from, node.to)) : undefined;
}

/** The id that `{"ref": "id"}` names, the first in a list. */
export function refOf(node: SyntaxNode | undefined, text: string): string | undefined {
  const object = node?.name === "Array" ? node.getChild("Object") : node;
  return object?.name === "Object" ? textOf(membersOf(object, text).get("ref")?.value, text) : undefined;
}

export function objectAt(outline: Outline, position: number): Part | undefined {
  return outline.objects.find((each) => each.place.from <= position && position <= each.place.to);
}

/** What a JSON string says; of one that is not closed yet what is there. */
export function unquoted(written: string): string {
  try {
    return String(JSON.parse(written));
  } catch {
    return written.replace(/^"/, "").replace(/"$/, "");
  }
}
