/** Which object of a definition comes before which. Knows nothing of pictures, so that a timeline can do without them. */
import type { components } from "../../api/schema";

export type Found = components["schemas"]["Graph"];
export type Item = Found["nodes"][number];
export type Reference = Found["edges"][number];
export type Category = NonNullable<Item["category"]>;

/** Outputs and actions come after the object that names them; all else comes before it. */
export function leads(reference: Reference, items: ReadonlyMap<string, Item>): [string, string] {
  const after = reference.field === "output" || items.get(reference.to)?.category === "action";
  return after ? [reference.from, reference.to] : [reference.to, reference.from];
}

/** Ids in the order in which they come into play: each behind what leads to it, as far as they go in no circle. */
export function inOrder(found: Found): readonly string[] {
  const items = new Map(found.nodes.map((each) => [each.id, each]));
  const depth = new Map(found.nodes.map((each) => [each.id, 0]));
  for (let round = 0, moved = true; moved && round < found.nodes.length; round++) {
    moved = false;
    for (const each of found.edges) {
      const [from, to] = leads(each, items);
      const behind = (depth.get(from) ?? 0) + 1;
      if (behind > (depth.get(to) ?? 0) && behind <= found.nodes.length) {
        depth.set(to, behind);
        moved = true;
      }
    }
  }
  return found.nodes.map((each) => each.id).sort((a, b) => depth.get(a)! - depth.get(b)! || (a < b ? -1 : 1));
}
