/** What may stand where the cursor is: types, fields, ids, allowed values, and in expressions names and functions. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { startCompletion } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { fieldsFor, fits, lineOf, settable, typeOf, type Catalogue, type TypeField } from "./catalogue";
import { idsIn, spotAt, type Spot } from "./cursor";
import { outlineOf, refOf, type Outline, type Part } from "./outline";

const SECTIONS: Readonly<Record<string, string>> = {
  objects: '[\n    {"id": "Default"}\n  ]',
  parameters: "[]",
  values: "{}",
};
const ATTRIBUTES: Readonly<Record<string, string>> = {
  id: "How expressions name it: begins with my, or *my for a secret.",
  type: "String, Integer, Double or AWS::S3::ObjectKey.",
  description: "One line for whoever gives the value.",
  default: "What it is when no value is given.",
  optional: "Whether it may be left without a value.",
  isArray: "Whether it takes several values.",
  allowedValues: "No others are taken.",
  helpText: "More about it.",
  helpLink: "Where more about it stands.",
  watermark: "An example.",
};
const ATTRIBUTE_VALUES: Readonly<Record<string, readonly string[]>> = {
  type: ["String", "Integer", "Double", "AWS::S3::ObjectKey"],
  optional: ["true", "false"],
  isArray: ["true", "false"],
};
const REFERRING = ["precondition", "action"];

export function completed(context: CompletionContext, catalogue: Catalogue | undefined): CompletionResult | null {
  if (context.view?.hasFocus === false) {
    return null; // who typed has gone on to something else since
  }
  const text = context.state.doc.toString();
  const spot = catalogue === undefined ? undefined : spotAt(text, context.pos);
  if (catalogue === undefined || spot === undefined || (!context.explicit && spot.kind === "fieldName" && !spot.quoted)) {
    return null;
  }
  const options = optionsAt(spot, text, catalogue);
  if (options.length === 0) {
    return null;
  }
  const closed = spot.kind === "expression" ? {} : { to: spot.word.to };
  return { from: spot.word.from, ...closed, options: [...options], validFor: /^[\w@*:.-]*$/ };
}

/** Exported for its tests: the labels are what one sees. */
export function optionsAt(spot: Spot, text: string, catalogue: Catalogue): readonly Completion[] {
  const outline = outlineOf(text);
  switch (spot.kind) {
    case "section":
      return Object.entries(SECTIONS)
        .filter(([name]) => !spot.present.includes(name))
        .map(([label, value]) => ({ label, type: "property", apply: named(label, value, true) }));
    case "fieldName":
      return fieldNames(spot.part, spot.quoted, outline, catalogue);
    case "fieldValue":
      return fieldValues(spot, outline, catalogue);
    case "reference":
      return references(spot.part, spot.field, text, outline, catalogue, undefined);
    case "expression":
      return names(spot, outline, catalogue);
    case "parameterName":
      return Object.entries(ATTRIBUTES)
        .filter(([name]) => !spot.part.members.has(name))
        .map(([label, info]) => ({ label, info, type: "property", apply: named(label, '""', true) }));
    case "parameterValue":
      return (ATTRIBUTE_VALUES[spot.field] ?? []).map((label) => ({ label, type: "enum" }));
    case "valueName":
      return outline.parameters
        .flatMap((each) => (each.id === undefined || outline.values.has(each.id) ? [] : [each.id]))
        .map((label) => ({ label, type: "variable", apply: named(label, '""', true) }));
  }
}

function fieldNames(part: Part, quoted: boolean, outline: Outline, catalogue: Catalogue): readonly Completion[] {
  const type = typeOf(part, outline, catalogue);
  const own: Completion[] = [
    { label: "id", type: "property", info: "What references name it by.", boost: 99 },
    { label: "name", type: "property", info: "A name for people." },
    { label: "type", type: "property", info: "What kind of object it is.", boost: 98 },
  ].map((each) => ({ ...each, apply: named(each.label, '""', quoted) }));
  const fields = fieldsFor(catalogue, type)
    .filter(settable)
    .map((each) => ({
      label: each.name,
      type: "property",
      detail: each.deprecated === true ? "deprecated" : kindOf(each),
      info: helpOf(each),
      boost: each.deprecated === true ? -50 : each.when === "required" ? 50 : each.when === "required_one_of" ? 30 : 0,
      apply: named(each.name, each.kind === "Reference" ? '{"ref": ""}' : '""', quoted),
    }));
  return [...own, ...fields].filter((each) => !part.members.has(each.label));
}

/** The name, and after it what its value looks like, where there is none yet. The cursor goes between the last quotes. */
function named(name: string, value: string, quoted: boolean) {
  return (view: EditorView, _completion: Completion, from: number, to: number): void => {
    const after = view.state.sliceDoc(to, to + 40);
    const isClosed = quoted && after.startsWith('"');
    const hasValue = isClosed && /^"\s*:/.test(after);
    const rest = hasValue ? "" : `${isClosed || !quoted ? "" : '"'}: ${value}`;
    const written = quoted ? name : `"${name}"`;
    const end = to + (isClosed && !hasValue ? 1 : 0);
    const insert = isClosed && !hasValue ? `${written}"${rest}` : `${written}${rest}`;
    const inner = value.lastIndexOf('""');
    const anchor = hasValue ? from + written.length : from + insert.length - (inner < 0 ? 0 : value.length - inner - 1);
    view.dispatch({ changes: { from, to: end, insert }, selection: { anchor }, userEvent: "input.complete" });
    if (!hasValue && inner >= 0) {
      startCompletion(view);
    }
  };
}

function fieldValues(spot: Extract<Spot, { kind: "fieldValue" }>, outline: Outline, catalogue: Catalogue): readonly Completion[] {
  if (spot.field === "type") {
    return catalogue.types.map((each) => ({
      label: each.name,
      type: "class",
      detail: each.category,
      info: each.replacedBy === undefined ? each.help : `${each.help} Deprecated: use ${each.replacedBy}.`,
      boost: each.replacedBy === undefined ? 0 : -50,
    }));
  }
  const field = fieldsFor(catalogue, typeOf(spot.part, outline, catalogue)).find((each) => each.name === spot.field);
  if (field === undefined) {
    return [];
  }
  if (field.kind === "Reference") {
    return references(spot.part, spot.field, outline.text, outline, catalogue, spot.string);
  }
  const words = field.kind === "Boolean" ? ["true", "false"] : [];
  return [...words, ...(field.allowedValues ?? []), ...(field.knownValues ?? []), ...(field.specialValues ?? [])].map((label) => ({
    label,
    type: "enum",
    ...(label === field.default ? { detail: "default" } : {}),
  }));
}

/** Ids of objects that fit, the others after them; in place of a whole string as a reference. */
function references(
  part: Part,
  field: string,
  text: string,
  outline: Outline,
  catalogue: Catalogue,
  string: { from: number; to: number } | undefined,
): readonly Completion[] {
  const targets = fieldsFor(catalogue, typeOf(part, outline, catalogue)).find((each) => each.name === field)?.targets ?? ["*"];
  return idsIn(text)
    .filter((each) => each.part !== part)
    .map((each): Completion => {
      const type = typeOf(each.part, outline, catalogue);
      return {
        label: each.id,
        type: "variable",
        detail: type?.name ?? "",
        boost: fits(type, targets) ? 50 : -50,
        ...(string === undefined ? {} : { apply: (view) => replaced(view, string, `{"ref": ${JSON.stringify(each.id)}}`) }),
      };
    });
}

function replaced(view: EditorView, place: { from: number; to: number }, insert: string): void {
  view.dispatch({ changes: { from: place.from, to: place.to, insert }, selection: { anchor: place.from + insert.length }, userEvent: "input.complete" });
}

function names(spot: Extract<Spot, { kind: "expression" }>, outline: Outline, catalogue: Catalogue): readonly Completion[] {
  const functions = catalogue.functions.map((each) => ({
    label: each.name,
    type: "function",
    detail: `(${each.parameters.join(", ")})`,
    info: each.help,
    apply: each.parameters.length === 0 ? `${each.name}()` : `${each.name}(`,
  }));
  if (spot.before !== "") {
    const target = followed(spot.part, spot.before, outline);
    return target === undefined ? functions : [...fieldsOf(target, outline, catalogue), ...functions];
  }
  const type = typeOf(spot.part, outline, catalogue);
  const node = REFERRING.includes(type?.category ?? "")
    ? [{ label: "node", type: "variable", info: "The object that refers to this one." }]
    : [];
  const declared = outline.parameters.flatMap((each) => (each.id === undefined ? [] : [each.id]));
  const parameters = [...new Set([...declared, ...outline.values.keys()])].map((label) => ({
    label,
    type: "constant",
    detail: "parameter",
    boost: 60,
  }));
  return [...parameters, ...node, ...fieldsOf(spot.part, outline, catalogue), ...functions];
}

/** The object that `input` or `input.schedule` leads to. */
function followed(part: Part, path: string, outline: Outline): Part | undefined {
  let here: Part | undefined = part;
  for (const step of path.split(".")) {
    const line: readonly Part[] = here === undefined ? [] : lineOf(here, outline);
    const value = line.map((each) => each.members.get(step)?.value).find((each) => each !== undefined);
    const id = refOf(value, outline.text);
    here = step === "parent" ? here : outline.objects.find((each) => each.id === id);
  }
  return here;
}

/** Fields that the object has, inherited ones included, and what the service will know of it. */
function fieldsOf(part: Part, outline: Outline, catalogue: Catalogue): readonly Completion[] {
  const given = new Set(lineOf(part, outline).flatMap((each) => [...each.members.keys()]));
  const runtime = fieldsFor(catalogue, typeOf(part, outline, catalogue)).filter((each) => !settable(each) && each.name.startsWith("@"));
  return [
    ...[...given].map((label) => ({ label, type: "property", detail: "field", boost: 40 })),
    ...runtime.map((each) => ({ label: each.name, type: "property", detail: "runtime", info: each.help, boost: 20 })),
  ];
}

export function kindOf(field: TypeField): string {
  const targets = field.targets?.includes("*") === true ? "any object" : (field.targets ?? []).join(" or ");
  return `${field.kind === "Reference" ? `reference to ${targets}` : field.kind}${field.multiple ? ", several" : ""}`;
}

export function helpOf(field: TypeField): string {
  const parts = [
    field.help,
    field.when === "required" ? "Required." : field.oneOf === undefined ? "" : `One of the group ${field.oneOf} is required.`,
    field.default === undefined ? "" : `Without it: ${field.default}.`,
    field.excludes === undefined ? "" : `Not beside ${field.excludes.join(", ")}.`,
    field.requires === undefined ? "" : `Only beside ${field.requires.join(", ")}.`,
  ];
  return parts.filter((each) => each !== "").join(" ");
}
