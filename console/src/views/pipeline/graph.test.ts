import { expect, test } from "vitest";
import { beside, fitting, picture, type Found, type Item } from "./graph";
import { inOrder } from "./order";

const item = (id: string, category: Item["category"], type = "Any"): Item => ({ id, name: id, type, ...(category && { category }) });
const COPY: Found = {
  version: 1,
  nodes: [
    item("In", "datanode"),
    item("Out", "datanode"),
    item("Copy", "activity"),
    item("Alarm", "action"),
    item("Daily", "schedule"),
    item("Ready", "precondition"),
  ],
  edges: [
    { from: "Copy", to: "In", field: "input" },
    { from: "Copy", to: "Out", field: "output" },
    { from: "Copy", to: "Alarm", field: "onFail" },
    { from: "Copy", to: "Daily", field: "schedule", givenBy: "Default" },
    { from: "In", to: "Ready", field: "precondition" },
  ],
};
const ALL = () => true;

test("what comes first stands left: inputs, schedules and preconditions before, outputs and actions after", () => {
  const at = new Map(picture(COPY, ALL).nodes.map((node) => [node.id, node.x]));
  for (const [left, right] of [["Ready", "In"], ["In", "Copy"], ["Daily", "Copy"], ["Copy", "Out"], ["Copy", "Alarm"]] as const) {
    expect(at.get(left)!, `${left} before ${right}`).toBeLessThan(at.get(right)!);
  }
});

test("every reference is an edge, named, and nothing overlaps", () => {
  const found = picture(COPY, ALL);
  expect(found.edges.map((edge) => edge.reference.field).sort()).toEqual(["input", "onFail", "output", "precondition", "schedule"]);
  for (const a of found.nodes) {
    for (const b of found.nodes) {
      const apart = Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2;
      expect(a === b || apart, `${a.id} and ${b.id}`).toBe(true);
    }
  }
});

test("two fields that name one object are two edges", () => {
  const found = picture(
    { ...COPY, edges: [...COPY.edges, { from: "Copy", to: "Alarm", field: "onLateAction" }, { from: "Out", to: "Copy", field: "dependsOn" }] },
    ALL,
  );
  expect(found.edges).toHaveLength(7);
});

test("a category that is not wanted is left out with what leads to it", () => {
  const found = picture(COPY, (category) => category !== "schedule");
  expect(found.nodes.map((node) => node.id)).not.toContain("Daily");
  expect(found.edges).toHaveLength(4);
});

test("arrow keys go to what lies there", () => {
  const { nodes } = picture(COPY, ALL);
  expect(beside(nodes, "Copy", -1, 0)).toMatch(/In|Daily/);
  expect(["Out", "Alarm"]).toContain(beside(nodes, "Copy", 1, 0));
  expect(beside(nodes, "Ready", -1, 0)).toBeUndefined();
});

test("nothing makes an empty picture, and long names are cut", () => {
  expect(picture({ version: 0, nodes: [], edges: [] }, ALL)).toMatchObject({ nodes: [], width: 0, height: 0 });
  expect(fitting("A".repeat(100), 236, 8)).toMatch(/^A+…$/);
});

test("a definition of three hundred objects is laid out", () => {
  const nodes = Array.from({ length: 300 }, (_, number) => item(`Object${number}`, number % 2 ? "activity" : "datanode"));
  const edges = nodes.slice(1).map((each, number) => ({ from: each.id, to: nodes[Math.floor(number / 2)]!.id, field: "input" }));
  expect(picture({ version: 1, nodes, edges }, ALL).nodes).toHaveLength(300);
});

test("objects are in order of what leads to what, circles and all", () => {
  const order = inOrder({ ...COPY, edges: [...COPY.edges, { from: "Ready", to: "Out", field: "dependsOn" }] });
  expect(order).toHaveLength(6);
  expect(inOrder(COPY).indexOf("In")).toBeLessThan(inOrder(COPY).indexOf("Copy"));
  expect(inOrder(COPY).indexOf("Copy")).toBeLessThan(inOrder(COPY).indexOf("Out"));
});
