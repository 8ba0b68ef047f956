/** Differences of definitions and what activation leads to, in words. */
import type { components } from "../../api/schema";
import type { Definition } from "./saved";

type Difference = components["schemas"]["Difference"];
type PartDifference = components["schemas"]["PartDifference"];
type FieldValue = components["schemas"]["FieldValue"];

/** One thing that changed: which, how, and for changed fields what they were and are. */
export interface Change {
  kind: "object" | "parameter" | "value";
  id: string;
  how: "added" | "removed" | "changed";
  fields: readonly { key: string; before: string; after: string }[];
}

const KINDS = { objects: "object", parameters: "parameter", values: "value" } as const;

export function changesOf(found: Difference): readonly Change[] {
  return (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((part) => changesIn(found[part], KINDS[part]));
}

function changesIn(part: PartDifference, kind: Change["kind"]): Change[] {
  return [
    ...part.added.map((id) => ({ kind, id, how: "added", fields: [] }) as const),
    ...part.removed.map((id) => ({ kind, id, how: "removed", fields: [] }) as const),
    ...part.changed.map(({ id, fields }) => {
      const changed = fields.map(({ key, before, after }) => ({ key, before: valuesIn(before), after: valuesIn(after) }));
      return { kind, id, how: "changed", fields: changed } as const;
    }),
  ];
}

function valuesIn(values: readonly FieldValue[]): string {
  return values.map(valueIn).join(", ");
}

function valueIn(value: FieldValue): string {
  if (Array.isArray(value)) {
    return valuesIn(value);
  }
  return typeof value === "object" && "ref" in value ? `the object ${value.ref}` : JSON.stringify(value);
}

/** “1 object added, 2 changed; 1 value changed”, or nothing when nothing did. */
export function summaryOf(changes: readonly Change[]): string {
  const parts = (["object", "parameter", "value"] as const).map((kind) => {
    const counts = (["added", "changed", "removed"] as const)
      .map((how) => ({ how, count: changes.filter((each) => each.kind === kind && each.how === how).length }))
      .filter((each) => each.count > 0);
    return counts.map(({ how, count }, index) => (index === 0 ? `${count} ${kind}${count === 1 ? "" : "s"} ${how}` : `${count} ${how}`)).join(", ");
  });
  return parts.filter((each) => each !== "").join("; ");
}

type Members = Readonly<Record<string, unknown>>;

/** When a definition runs, once it is active. */
export function timesOf(definition: Definition): readonly string[] {
  const objects = definition.objects as unknown as readonly Members[];
  if (isOnDemand(definition)) {
    return ["It runs on demand: each activation is one run, and this one starts at once."];
  }
  const schedules = objects.filter((each) => each.type === "Schedule").map(scheduleIn);
  const triggers = objects.filter((each) => String(each.type).endsWith("Trigger")).map((each) => `${String(each.id)} starts a run when its events arrive.`);
  return [...schedules, ...triggers];
}

export function isOnDemand(definition: Definition): boolean {
  return (definition.objects as unknown as readonly Members[]).some((each) => String(each.scheduleType).toLowerCase() === "ondemand");
}

function scheduleIn(each: Members): string {
  const start = each.startDateTime ?? (each.startAt === "FIRST_ACTIVATION_DATE_TIME" ? "its first activation" : each.startAt);
  const end = each.endDateTime === undefined ? "" : ` until ${String(each.endDateTime)}`;
  const times = each.occurrences === undefined ? "" : `, ${String(each.occurrences)} times`;
  return `${String(each.id)}: every ${String(each.period ?? "?")} from ${String(start ?? "?")}${end}${times} (UTC).`;
}

/** A parameter as a form asks for it. */
export interface Asked {
  id: string;
  says: string;
  type: string;
  several: boolean;
  optional: boolean;
  allowed: readonly string[];
  given: readonly string[];
  fallback: readonly string[];
}

export function parametersOf(definition: Definition): readonly Asked[] {
  const values = (definition.values ?? {}) as Readonly<Record<string, string | readonly string[]>>;
  return ((definition.parameters ?? []) as unknown as readonly Members[]).map((each) => ({
    id: String(each.id),
    says: String(each.description ?? each.helpText ?? ""),
    type: String(each.type ?? "String"),
    several: String(each.isArray).toLowerCase() === "true",
    optional: String(each.optional).toLowerCase() === "true",
    allowed: texts(each.allowedValues),
    given: texts(values[String(each.id)]),
    fallback: texts(each.default),
  }));
}

function texts(value: unknown): readonly string[] {
  return value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
}
