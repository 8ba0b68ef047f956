/** Where in a definition's text an object and its fields stand, so that a fault can be marked there. */
import { parser } from "@lezer/json";
import type { SyntaxNode } from "@lezer/common";

export interface Place {
  from: number;
  to: number;
}

/** The field of an object where there is one, otherwise the object's id, otherwise nothing. */
export function placeOf(text: string, objectId: string, field?: string): Place | undefined {
  for (const object of objectsOf(text)) {
    const members = membersOf(object, text);
    const id = members.get("id");
    if (id !== undefined && unquoted(text, id) === objectId) {
      return (field !== undefined && members.get(field)) || id;
    }
  }
  return undefined;
}

/** The field that a message quotes, as the service does: 'input'. */
export function fieldIn(message: string): string | undefined {
  return /'([*\w]+)'/.exec(message)?.[1];
}

function* objectsOf(text: string): Generator<SyntaxNode> {
  const top = parser.parse(text).topNode.getChild("Object");
  for (const part of top?.getChildren("Property") ?? []) {
    const name = part.getChild("PropertyName");
    if (name !== null && ["objects", "parameters"].includes(unquoted(text, name))) {
      yield* part.getChild("Array")?.getChildren("Object") ?? [];
    }
  }
}

function membersOf(object: SyntaxNode, text: string): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const part of object.getChildren("Property")) {
    const name = part.getChild("PropertyName");
    if (name !== null && part.lastChild !== null) {
      found.set(unquoted(text, name), { from: part.lastChild.from, to: part.lastChild.to });
    }
  }
  return found;
}

function unquoted(text: string, at: Place): string {
  return text.slice(at.from + 1, at.to - 1);
}
