/** What a place in a definition's text is: the name of a field, its value, a reference, a name in an expression. */
import type { SyntaxNode } from "@lezer/common";
import { membersOf, outlineOf, textOf, unquoted, type Part, type Place } from "./outline";

/** `word` is what stands between the quotes, or in an expression the name so far. */
export type Spot =
  | { kind: "section"; word: Place; present: readonly string[] }
  | { kind: "fieldName"; part: Part; word: Place; quoted: boolean }
  | { kind: "fieldValue"; part: Part; field: string; word: Place; string: Place }
  | { kind: "reference"; part: Part; field: string; word: Place }
  | { kind: "expression"; part: Part; field: string; word: Place; before: string }
  | { kind: "parameterName"; part: Part; word: Place }
  | { kind: "parameterValue"; part: Part; field: string; word: Place }
  | { kind: "valueName"; word: Place };

export function spotAt(text: string, position: number): Spot | undefined {
  const outline = outlineOf(text);
  const node = stringAround(outline.tree.resolveInner(position, -1), position) ?? outline.tree.resolveInner(position, -1);
  const chain = ancestors(node);
  const section = chain.length === 0 ? undefined : sectionOf(chain, text);
  if (section === undefined) {
    const outer = chain.filter((each) => each.name === "Object").length;
    const top = outline.tree.topNode.getChild("Object");
    return node.name === "PropertyName" && outer <= 1 && top !== null
      ? { kind: "section", word: inside(node, text), present: [...membersOf(top, text).keys()] }
      : undefined;
  }
  if (section === "values") {
    return node.name === "PropertyName" ? { kind: "valueName", word: inside(node, text) } : undefined;
  }
  const parts = section === "objects" ? outline.objects : outline.parameters;
  const part = parts.find((each) => each.place.from < position && position <= each.place.to);
  return part === undefined ? undefined : inPart(node, part, section, text, position);
}

function inPart(node: SyntaxNode, part: Part, section: string, text: string, position: number): Spot | undefined {
  const chain = ancestors(node);
  const objects = chain.filter((each) => each.name === "Object" && each.from >= part.place.from);
  const property = [...chain].reverse().find((each) => each.name === "Property" && each.from > part.place.from);
  const field = property === undefined ? undefined : nameOf(property, text);
  const isName = node.name === "PropertyName";
  if (isName && objects.length === 1) {
    const word = inside(node, text);
    return section === "objects" ? { kind: "fieldName", part, word, quoted: true } : { kind: "parameterName", part, word };
  }
  if (node.name === "Object" && node.from === part.place.from && section === "objects") {
    return { kind: "fieldName", part, word: { from: position, to: position }, quoted: false };
  }
  if (node.name !== "String" || field === undefined) {
    return undefined;
  }
  const word = inside(node, text);
  if (section === "parameters") {
    return { kind: "parameterValue", part, field, word };
  }
  const expression = openExpression(text.slice(word.from, position));
  if (expression !== undefined) {
    return { kind: "expression", part, field, word: { from: position - expression.word.length, to: position }, before: expression.before };
  }
  return objects.length > 1 ? { kind: "reference", part, field, word } : { kind: "fieldValue", part, field, word, string: node };
}

function stringAround(node: SyntaxNode, position: number): SyntaxNode | undefined {
  const isString = node.name === "String" || node.name === "PropertyName";
  return isString && node.from < position ? node : undefined;
}

/** From the node outwards. */
function ancestors(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let each: SyntaxNode | null = node; each !== null; each = each.parent) {
    found.push(each);
  }
  return found;
}

function sectionOf(chain: readonly SyntaxNode[], text: string): string | undefined {
  const properties = chain.filter((each) => each.name === "Property");
  const outermost = properties.at(-1);
  const name = outermost === undefined ? undefined : nameOf(outermost, text);
  const isOuterName = chain[0]?.name === "PropertyName" && properties.length === 1;
  return !isOuterName && ["objects", "parameters", "values"].includes(name ?? "") ? name : undefined;
}

function nameOf(property: SyntaxNode, text: string): string | undefined {
  const named = property.getChild("PropertyName");
  return named === null ? undefined : unquoted(text.slice(named.from, named.to));
}

function inside(node: Place, text: string): Place {
  const closed = node.to - node.from > 1 && text[node.to - 1] === '"';
  return { from: node.from + 1, to: closed ? node.to - 1 : node.to };
}

/** The name that is being typed in an expression, and what stands before it: `input.` of `#{input.fi`. */
function openExpression(before: string): { word: string; before: string } | undefined {
  const start = before.lastIndexOf("#{");
  const inner = start < 0 ? "" : before.slice(start + 2);
  if (start < 0 || inner.includes("}") || oddQuotes(inner)) {
    return undefined;
  }
  const path = /[\w@*.]*$/.exec(inner)?.[0] ?? "";
  const dot = path.lastIndexOf(".");
  return { word: path.slice(dot + 1), before: path.slice(0, Math.max(0, dot)) };
}

function oddQuotes(inner: string): boolean {
  return ((inner.match(/'/g)?.length ?? 0) & 1) === 1;
}

/** A `#{…}` of the text and the object and field that it stands in. */
export interface Written {
  place: Place;
  text: string;
  objectId: string;
  field: string;
}

/** The expression at a position of an object's text. */
export function expressionAt(text: string, position: number): Written | undefined {
  const outline = outlineOf(text);
  const node = [outline.tree.resolveInner(position, -1), outline.tree.resolveInner(position, 1)].find((each) => each.name === "String");
  const part = outline.objects.find((each) => each.place.from < position && position < each.place.to);
  if (node === undefined || part?.id === undefined) {
    return undefined;
  }
  const property = ancestors(node)
    .filter((each) => each.name === "Property" && each.from > part.place.from)
    .at(-1);
  const field = property === undefined ? undefined : nameOf(property, text);
  for (const match of text.slice(node.from, node.to).matchAll(/#\{(?:[^'}]|'[^']*')*\}/g)) {
    const from = node.from + match.index;
    const to = from + match[0].length;
    if (field !== undefined && from <= position && position <= to) {
      return { place: { from, to }, text: unquoted(`"${match[0]}"`), objectId: part.id, field };
    }
  }
  return undefined;
}

/** The id and type of every object, for references. */
export function idsIn(text: string): readonly { id: string; part: Part; name: string | undefined }[] {
  return outlineOf(text).objects.flatMap((part) =>
    part.id === undefined ? [] : [{ id: part.id, part, name: textOf(part.members.get("name")?.value, text) }],
  );
}
