/** What stands at a place, in words: a type, a field, an object; of an expression what it comes to in the chosen run. */
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { fieldsFor, typeNamed, typeOf, type Catalogue } from "./catalogue";
import { helpOf, kindOf } from "./completion";
import { expressionAt, spotAt, type Written } from "./cursor";
import { outlineOf, unquoted, type Place } from "./outline";

type Evaluation = components["schemas"]["Evaluation"];

/** Paragraphs with a tone, and what they are about. */
export interface Explanation {
  place: Place;
  lines: readonly { text: string; tone: "title" | "value" | "wrong" | "faint" | "plain" }[];
}

/** The run that expressions are evaluated in. */
export interface Chosen {
  pipeline: string;
  run: string | undefined;
}

const known = new Map<string, Promise<Evaluation>>();
const MOST_KNOWN = 500;

export async function explained(
  text: string,
  position: number,
  catalogue: Catalogue | undefined,
  chosen: Chosen,
): Promise<Explanation | undefined> {
  const written = expressionAt(text, position);
  if (written !== undefined) {
    return { place: written.place, lines: [{ text: written.text, tone: "title" }, ...(await valueOf(written, chosen))] };
  }
  return catalogue === undefined ? undefined : meant(text, position, catalogue);
}

async function valueOf(written: Written, chosen: Chosen): Promise<Explanation["lines"]> {
  if (chosen.run === undefined) {
    return [{ text: "Choose a run above to see what this comes to in it.", tone: "faint" }];
  }
  try {
    const found = await evaluated(written, { pipeline: chosen.pipeline, run: chosen.run });
    const seen = { text: `as ${found.seenFrom} sees it`, tone: "faint" } as const;
    if (found.error !== undefined) {
      return [{ text: found.error, tone: "wrong" }, seen];
    }
    const values = found.values.map((each) => ({ text: each === "" ? "(an empty text)" : each, tone: "value" }) as const);
    const none = { text: "nothing: the list is empty", tone: "faint" } as const;
    const more = found.cut ? [{ text: "and more, which is cut here", tone: "faint" } as const] : [];
    return [...(values.length === 0 ? [none] : values), ...more, seen];
  } catch (error) {
    return [{ text: error instanceof Error ? error.message : String(error), tone: "wrong" }];
  }
}

/** Asked once for each text in each run: what a run came to does not change by looking at it. */
function evaluated(written: Written, chosen: { pipeline: string; run: string }): Promise<Evaluation> {
  const key = JSON.stringify([chosen, written.objectId, written.field, written.text]);
  const asked =
    known.get(key) ??
    body(
      api.POST("/v1/pipelines/{pipelineId}/evaluate", {
        params: { path: { pipelineId: chosen.pipeline } },
        body: { runId: chosen.run, objectId: written.objectId, field: written.field, text: written.text },
      }),
    );
  if (known.size >= MOST_KNOWN) {
    known.clear();
  }
  known.set(key, asked);
  asked.catch(() => known.delete(key));
  return asked;
}

/** Types, fields and objects by what the catalogue says of them. */
export function meant(text: string, position: number, catalogue: Catalogue): Explanation | undefined {
  const spot = spotAt(text, position);
  const outline = outlineOf(text);
  if (spot === undefined) {
    return undefined;
  }
  const word = unquoted(`"${text.slice(spot.word.from, spot.word.to)}"`);
  if (spot.kind === "fieldValue" && spot.field === "type") {
    const type = typeNamed(catalogue, word);
    const instead = type?.replacedBy === undefined ? [] : [{ text: `Deprecated: use ${type.replacedBy}.`, tone: "wrong" } as const];
    return type && { place: spot.word, lines: [title(`${type.name}, ${type.category}`), plain(type.help), ...instead] };
  }
  if (spot.kind === "reference") {
    const target = outline.objects.find((each) => each.id === word);
    const type = target && typeOf(target, outline, catalogue);
    return target && { place: spot.word, lines: [title(`${word}, ${type?.name ?? "an object without a type"}`), plain(type?.help ?? "")] };
  }
  if (spot.kind !== "fieldName" || !spot.quoted) {
    return undefined;
  }
  const field = fieldsFor(catalogue, typeOf(spot.part, outline, catalogue)).find((each) => each.name === word);
  if (field === undefined) {
    return undefined;
  }
  const allowed = [...(field.allowedValues ?? []), ...(field.knownValues ?? []), ...(field.specialValues ?? [])].join(", ");
  return {
    place: spot.word,
    lines: [title(`${field.name}: ${kindOf(field)}`), plain(helpOf(field)), ...(allowed === "" ? [] : [faint(allowed)])],
  };
}

const title = (text: string) => ({ text, tone: "title" }) as const;
const plain = (text: string) => ({ text, tone: "plain" }) as const;
const faint = (text: string) => ({ text, tone: "faint" }) as const;
