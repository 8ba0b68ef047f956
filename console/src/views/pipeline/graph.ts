/** Where the objects of a definition stand in its picture, left to right. Must not know how they are drawn. */
import { Graph, layout } from "@dagrejs/dagre";
import { leads, type Category, type Found, type Item, type Reference } from "./order";

export type { Category, Found, Item, Reference } from "./order";

export interface Node extends Item {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Edge {
  /** The one on the left; `reference` says who refers to whom. */
  from: string;
  to: string;
  reference: Reference;
  points: readonly Point[];
  label: Point;
}

export interface Picture {
  nodes: readonly Node[];
  edges: readonly Edge[];
  width: number;
  height: number;
}

export const NODE_HEIGHT = 48;
const [NARROWEST, WIDEST] = [128, 250];
/** Widths of a character of the id, which is bold, and of the type, which is small. */
export const [ID_CHARACTER, TYPE_CHARACTER] = [8.3, 6.3];
const BESIDE_TEXT = 58;
const LABEL_CHARACTER = 6.2;
/** With more edges than this their names are shown only around the object that is looked at. */
export const MOST_LABELS = 60;

/** The picture of those objects whose category is `shown`. */
export function picture(found: Found, shown: (category: Category | undefined) => boolean): Picture {
  const items = new Map(found.nodes.filter((each) => shown(each.category)).map((each) => [each.id, each]));
  const edges = found.edges.filter((each) => items.has(each.from) && items.has(each.to));
  const named = edges.length <= MOST_LABELS;
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 16, ranksep: named ? 28 : 64, edgesep: 12, marginx: 12, marginy: 12 });
  for (const [id, each] of items) {
    graph.setNode(id, { width: widthOf(each), height: NODE_HEIGHT });
  }
  for (const each of standingFor(edges, items)) {
    const [from, to] = leads(each, items);
    const label = named ? { width: each.field.length * LABEL_CHARACTER + 8, height: 14, labelpos: "c" } : {};
    graph.setEdge(from, to, isQuiet(each, items) ? {} : label, nameOf(each));
  }
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  const place = (id: string): Node => ({ ...items.get(id)!, ...(graph.node(id) as Omit<Node, keyof Item>) });
  return {
    nodes: [...items.keys()].map(place),
    edges: edges.map((reference) => {
      const [from, to] = leads(reference, items);
      const laid = graph.edge(from, to, nameOf(reference)) as { points: Point[]; x?: number; y?: number } | undefined;
      const points = between(place(from), place(to), isQuiet(reference, items) ? [] : (laid?.points ?? []));
      const middle = { x: (points[0]!.x + points.at(-1)!.x) / 2, y: (points[0]!.y + points.at(-1)!.y) / 2 };
      return { from, to, reference, points, label: { x: laid?.x ?? middle.x, y: laid?.y ?? middle.y } };
    }),
    width: finite(size.width),
    height: finite(size.height),
  };
}

const nameOf = (reference: Reference): string => `${reference.from} ${reference.field}`;

/**
 * What the layout is made of. What is everybody's would pull everything out of shape: of all that refers to one such
 * object, one stands for the others, on the side where it belongs.
 */
function standingFor(edges: readonly Reference[], items: ReadonlyMap<string, Item>): readonly Reference[] {
  const kept = edges.filter((each) => !isQuiet(each, items));
  const led = new Set(kept.map((each) => leads(each, items)[1]));
  const leading = new Set(kept.map((each) => leads(each, items)[0]));
  const placed = new Set([...led, ...leading]);
  const stand = new Map<string, Reference>();
  for (const each of edges) {
    const outermost = items.get(each.to)?.category === "schedule" ? !led.has(each.from) : !leading.has(each.from);
    if (isQuiet(each, items) && !placed.has(each.to) && (outermost || !stand.has(each.to))) {
      stand.set(each.to, each);
    }
  }
  return [...kept, ...stand.values()];
}

/** From the right side of one to the left side of the other, through what layout has on the way. */
function between(from: Node, to: Node, points: readonly Point[]): readonly Point[] {
  const [start, end] = [{ x: from.x + from.width / 2, y: from.y }, { x: to.x - to.width / 2, y: to.y }];
  return [start, ...points.slice(1, -1).filter((each) => each.x > start.x && each.x < end.x), end];
}

/** Schedules, and actions that everything has from Default, are everybody's: what refers to one is drawn faintly. */
export function isQuiet(reference: Reference, items: ReadonlyMap<string, Item>): boolean {
  const category = items.get(reference.to)?.category;
  return category === "schedule" || (category === "action" && reference.givenBy !== undefined);
}

/** The object next to one in a direction, for arrow keys; undefined when there is none. */
export function beside(nodes: readonly Node[], id: string, dx: number, dy: number): string | undefined {
  const here = nodes.find((each) => each.id === id);
  let [nearest, least] = [undefined as string | undefined, Infinity];
  for (const each of nodes) {
    if (here !== undefined && each !== here) {
      const ahead = (each.x - here.x) * dx + (each.y - here.y) * dy;
      const aside = Math.abs((each.x - here.x) * dy) + Math.abs((each.y - here.y) * dx);
      if (ahead > 4 && ahead + 2 * aside < least) {
        [nearest, least] = [each.id, ahead + 2 * aside];
      }
    }
  }
  return nearest;
}

/** As much of a text as its box holds. */
export function fitting(text: string, width: number, character: number): string {
  const most = Math.floor((width - BESIDE_TEXT + 4) / character);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function widthOf(each: Item): number {
  const longest = Math.max(each.id.length * ID_CHARACTER, each.type.length * TYPE_CHARACTER);
  return Math.min(WIDEST, Math.max(NARROWEST, Math.ceil(longest) + BESIDE_TEXT));
}

function finite(size: number | undefined): number {
  return size !== undefined && Number.isFinite(size) ? size : 0;
}
