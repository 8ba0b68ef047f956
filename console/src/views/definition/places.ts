/** Where in a definition's text a fault stands: as near as what is said of it tells. */
import type { SyntaxNode } from "@lezer/common";
import type { Finding } from "../../api/client";
import { membersOf, outlineOf, type Member, type Outline, type Part, type Place } from "./outline";

export type { Place } from "./outline";

/** A fault and its place; without one it is about the definition as a whole. */
export interface Fault {
  severity: "error" | "warning";
  subject: string;
  message: string;
  place: Place | undefined;
}

/** Every finding as a fault of this text, in the order in which they stand. */
export function faultsOf(text: string, findings: readonly Finding[]): Fault[] {
  const found = findings.map((each): Fault => {
    const severity = each.severity === "error" ? "error" : "warning";
    return { severity, subject: each.objectId ?? "", message: each.message, place: placeOf(text, each) };
  });
  const end = text.length;
  return found.sort((one, other) => (one.place?.from ?? end) - (other.place?.from ?? end));
}

/** What keeps a text from being JSON, and where. */
export function brokenAt(text: string): Fault | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const told = / at position (\d+)/.exec(message); // most browsers say where; to look for it in a long text takes its time
    const place = told === null ? errorIn(text) : { from: Number(told[1]), to: Number(told[1]) + 1 };
    return { severity: "error", subject: "", message: `Not JSON: ${message}`, place };
  }
}

function errorIn(text: string): Place {
  let found: Place | undefined;
  outlineOf(text).tree.iterate({
    enter(node) {
      if (node.type.isError && found === undefined) {
        found = { from: Math.min(node.from, Math.max(0, text.trimEnd().length - 1)), to: node.to };
      }
      return found === undefined;
    },
  });
  const from = found?.from ?? Math.max(0, text.trimEnd().length - 1);
  return { from, to: Math.max(found?.to ?? 0, from + 1) };
}

/** The field, value or expression that the finding is about, otherwise the id of its object, otherwise nothing. */
export function placeOf(text: string, finding: Finding): Place | undefined {
  const found = placeIn(text, finding);
  return found && { from: found.from, to: found.to }; // of a node these are no properties of its own
}

function placeIn(text: string, finding: Finding): Place | undefined {
  const outline = outlineOf(text);
  if (finding.objectId === undefined || finding.objectId === "") {
    return finding.field === undefined ? undefined : pathPlace(outline, finding.field);
  }
  const object = owner(outline.objects, finding);
  if (object !== undefined) {
    return inPart(object, finding, text);
  }
  const value = outline.values.get(finding.objectId);
  const declared = owner(outline.parameters, finding);
  if (value !== undefined && (declared === undefined || /^(The|A) value/.test(finding.message))) {
    return value.value ?? value.named;
  }
  return declared && inPart(declared, finding, text);
}

/** The last of several of one id, when that is the fault. */
function owner(parts: readonly Part[], finding: Finding): Part | undefined {
  const found = parts.filter((each) => each.id === finding.objectId);
  return / times/.test(finding.message) ? found.at(-1) : found[0];
}

function inPart(part: Part, finding: Finding, text: string): Place {
  const name = finding.field ?? fieldIn(finding.message);
  const id = part.members.get("id");
  if (finding.code === "UNKNOWN_TYPE" || finding.code === "MISSING_TYPE") {
    return part.members.get("type")?.value ?? id?.value ?? part.place;
  }
  const member = name === undefined ? undefined : part.members.get(name);
  if (member?.value === undefined) {
    return member?.named ?? id?.value ?? part.place;
  }
  return finding.code === "UNKNOWN_FIELD" ? member.named : within(member, finding.message, text);
}

/** The part of a field's value that the message quotes, or names by its column. */
function within(member: Member, message: string, text: string): Place {
  const value = member.value as SyntaxNode;
  const column = /at column (\d+)\n([^\n]*)/.exec(message);
  for (const each of value.name === "Array" ? [...elements(value)] : [value]) {
    const written = text.slice(each.from, each.to);
    const quoted = quotesOf(message).find((one) => one !== member.name && written.includes(one));
    if (quoted !== undefined) {
      const from = each.from + written.indexOf(quoted);
      return { from, to: from + quoted.length };
    }
    if (column !== null && written.includes("#{")) {
      const line = Math.max(1, written.indexOf(column[2] as string));
      return wordFrom(each, line + Number(column[1]) - 1, text);
    }
  }
  return value;
}

function* elements(list: SyntaxNode): Generator<SyntaxNode> {
  for (let node = list.firstChild; node !== null; node = node.nextSibling) {
    if (node.name !== "[" && node.name !== "]" && node.name !== "," && !node.type.isError) {
      yield node;
    }
  }
}

/** From the offset on, to the end of the word that stands there. */
function wordFrom(node: Place, offset: number, text: string): Place {
  const from = Math.min(node.from + offset, node.to - 1);
  const word = /^[\w@*.]+/.exec(text.slice(from, node.to - 1))?.[0] ?? "";
  return { from, to: from + Math.max(1, word.length) };
}

/** The field that a message quotes first, as the service does: 'input'. */
export function fieldIn(message: string): string | undefined {
  return /'([*@\w]+)'/.exec(message)?.[1];
}

function quotesOf(message: string): string[] {
  return [...message.matchAll(/'([^']+)'/g)].map((match) => match[1] as string);
}

/** `objects[3].input` as the service names what has a wrong shape. */
function pathPlace(outline: Outline, path: string): Place | undefined {
  let node = outline.tree.topNode.getChild("Object") as SyntaxNode | null;
  let place: Place | undefined;
  for (const step of path.replace(/^definition\.?/, "").matchAll(/\[(\d+)\]|([^.[\]]+)/g)) {
    const found: SyntaxNode | undefined = node === null ? undefined : stepInto(node, step, outline.text);
    if (found === undefined) {
      break;
    }
    place = found;
    node = found;
  }
  return place;
}

function stepInto(node: SyntaxNode, step: RegExpMatchArray, text: string): SyntaxNode | undefined {
  if (step[1] !== undefined) {
    return node.name === "Array" ? [...elements(node)][Number(step[1])] : undefined;
  }
  return node.name === "Object" ? membersOf(node, text).get(step[2] as string)?.value : undefined;
}
