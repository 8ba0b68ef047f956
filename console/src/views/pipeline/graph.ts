/** What a definition's objects have to do with each other, laid out left to right. Must not know how it is drawn. */
import { Graph, layout } from "@dagrejs/dagre";

export type Value = string | { ref: string };
export type DefinitionObject = { id: string; name?: string } & Record<string, Value | Value[] | undefined>;

export interface Node {
  id: string;
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Edge {
  from: string;
  to: string;
  /** The field that says so. */
  field: string;
  points: readonly { x: number; y: number }[];
}

export interface Picture {
  nodes: readonly Node[];
  edges: readonly Edge[];
  width: number;
  height: number;
}

/** Fields whose object comes before the one that names it; all others come after. */
const BEFORE = new Set(["input", "dependsOn", "precondition", "schedule", "runsOn", "database", "dataFormat", "trigger"]);
const QUIET = new Set(["parent", "scheduleType"]);
const HEIGHT = 46;
const CHARACTER = 7.6;

/** Objects without type, such as Default, are no part of the picture. */
export function picture(objects: readonly DefinitionObject[]): Picture {
  const shown = new Map(objects.filter((each) => typeof each.type === "string").map((each) => [each.id, each]));
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 56, marginx: 8, marginy: 8 });
  for (const [id, each] of shown) {
    const width = Math.max(110, Math.max(id.length, String(each.type).length) * CHARACTER + 34);
    graph.setNode(id, { width, height: HEIGHT });
  }
  for (const { from, to, field } of links(shown)) {
    graph.setEdge(from, to, {}, field);
  }
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    nodes: graph.nodes().map((id) => {
      const { x, y, width, height } = graph.node(id) as Node;
      return { id, type: String(shown.get(id)?.type), x, y, width, height };
    }),
    edges: graph.edges().map((edge) => ({
      from: edge.v,
      to: edge.w,
      field: edge.name ?? "",
      points: (graph.edge(edge) as { points: { x: number; y: number }[] }).points,
    })),
    width: size.width ?? 0,
    height: size.height ?? 0,
  };
}

/** Which object leads to which. */
export function* links(shown: ReadonlyMap<string, DefinitionObject>): Generator<{ from: string; to: string; field: string }> {
  for (const [id, each] of shown) {
    for (const [field, values] of Object.entries(each)) {
      for (const value of [values].flat()) {
        const other = typeof value === "object" ? value.ref : undefined;
        if (other !== undefined && shown.has(other) && !QUIET.has(field)) {
          yield BEFORE.has(field) ? { from: other, to: id, field } : { from: id, to: other, field };
        }
      }
    }
  }
}
