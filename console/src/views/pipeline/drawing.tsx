/** A definition's picture: shapes by category, colour and mark by how they stand; a legend that hides and shows. */
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { markOf, toneOf } from "../../parts/status";
import { About } from "./about";
import type { Cell } from "./columns";
import type { Standing } from "./feed";
import { ID_CHARACTER, MOST_LABELS, TYPE_CHARACTER, beside, fitting, isQuiet, picture, type Category, type Edge, type Found, type Node } from "./graph";
import { CATEGORIES, categoryName, iconOf, outline } from "./shapes";

/** With more objects than this, schedules begin hidden: everything refers to them. */
const MANY = 40;
const [SMALLEST, LARGEST, STEP] = [0.3, 2, 1.25];
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export interface DrawingProps {
  pipeline: string;
  graph: Found;
  newest: ReadonlyMap<string, Cell>;
  standing: Standing | undefined;
  done: () => void;
}

export function Drawing(props: DrawingProps): JSX.Element {
  const { graph, newest } = props;
  const there = useMemo(() => CATEGORIES.filter(([category]) => graph.nodes.some((each) => each.category === category)), [graph]);
  const [hidden, setHidden] = useState<ReadonlySet<Category>>(new Set(graph.nodes.length > MANY ? (["schedule"] as const) : []));
  const found = useMemo(() => picture(graph, (category) => category === undefined || !hidden.has(category)), [graph, hidden]);
  const items = useMemo(() => new Map(graph.nodes.map((each) => [each.id, each])), [graph]);
  const [chosen, setChosen] = useState<string>();
  const [near, setNear] = useState<string>();
  const [scale, setScale] = useState<number>();
  const scroller = useRef<HTMLDivElement>(null);
  const entry = found.nodes.some((each) => each.id === near) ? near : found.nodes[0]?.id;
  const looked = near ?? chosen;
  useLayoutEffect(() => {
    setScale(fit(scroller.current, found.width));
  }, [found]);

  function key(event: KeyboardEvent, node: Node): void {
    const way = ARROWS[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      setChosen(chosen === node.id ? undefined : node.id);
    } else if (event.key === "Escape") {
      setChosen(undefined);
    } else if (way !== undefined) {
      event.preventDefault();
      const next = beside(found.nodes, node.id, ...way);
      const element = next === undefined ? null : document.getElementById(nodeId(next));
      element?.focus();
      element?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  const zoomed = scale ?? 1;
  const paused = new Set(props.standing?.paused ?? []);
  return (
    <div class="graph">
      <div class="graph-head">
        <Legend of={there} hidden={hidden} toggle={(category) => setHidden(toggled(hidden, category))} />
        <div class="zoom" role="group" aria-label="Size of the picture">
          <button type="button" aria-label="Smaller" onClick={() => setScale(Math.max(SMALLEST, zoomed / STEP))}>
            −
          </button>
          <button type="button" onClick={() => setScale(fit(scroller.current, found.width))}>
            Fit
          </button>
          <button type="button" aria-label="Larger" onClick={() => setScale(Math.min(LARGEST, zoomed * STEP))}>
            +
          </button>
        </div>
      </div>
      <div ref={scroller} class="scroll drawing" role="group" aria-label="Objects and how they refer to each other. Arrow keys walk, Enter tells more.">
        <svg width={found.width * zoomed} height={found.height * zoomed} viewBox={`0 0 ${found.width} ${found.height}`}>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8z" class="arrow" />
            </marker>
          </defs>
          {found.edges.map((edge) => {
            const touched = looked !== undefined && (edge.from === looked || edge.to === looked);
            const quiet = isQuiet(edge.reference, items);
            return (
              <Line key={keyOf(edge)} of={edge} touched={touched} quiet={quiet} named={touched || (found.edges.length <= MOST_LABELS && !quiet)} />
            );
          })}
          {found.nodes.map((node) => (
            <Box
              key={node.id}
              node={node}
              cell={newest.get(node.id)}
              paused={paused.has(node.id)}
              chosen={chosen === node.id}
              entry={entry === node.id}
              choose={() => setChosen(chosen === node.id ? undefined : node.id)}
              near={(is) => setNear(is ? node.id : undefined)}
              key_={(event) => key(event, node)}
            />
          ))}
        </svg>
      </div>
      {chosen !== undefined && items.has(chosen) && (
        <About
          pipeline={props.pipeline}
          item={items.get(chosen)!}
          graph={graph}
          cell={newest.get(chosen)}
          standing={props.standing}
          choose={setChosen}
          done={props.done}
        />
      )}
    </div>
  );
}

const nodeId = (id: string): string => `node.${id}`;
const keyOf = (edge: Edge): string => `${edge.reference.from} ${edge.reference.field} ${edge.reference.to}`;

/** As large as the page is wide, but never so small that nothing can be read; then one scrolls. */
function fit(scroller: HTMLElement | null, width: number): number {
  return scroller === null || width === 0 ? 1 : Math.max(0.75, Math.min(1, (scroller.clientWidth - 2) / width));
}

function toggled(hidden: ReadonlySet<Category>, category: Category): ReadonlySet<Category> {
  const next = new Set(hidden);
  if (!next.delete(category)) {
    next.add(category);
  }
  return next;
}

function Legend(props: { of: typeof CATEGORIES; hidden: ReadonlySet<Category>; toggle: (category: Category) => void }): JSX.Element {
  return (
    <div class="legend" role="group" aria-label="Kinds of objects: shown or hidden">
      {props.of.map(([category, name]) => (
        <button key={category} type="button" aria-pressed={!props.hidden.has(category)} onClick={() => props.toggle(category)}>
          <svg width="26" height="18" viewBox="-1 -3 50 32" aria-hidden="true">
            <path class="outline" d={outline(category, 48, 26)} />
            <path class="icon" transform="translate(14 3) scale(1.25)" d={iconOf(category)} />
          </svg>
          {name}
        </button>
      ))}
    </div>
  );
}

function Line(props: { of: Edge; touched: boolean; quiet: boolean; named: boolean }): JSX.Element {
  const { reference, label } = props.of;
  const by = reference.givenBy === undefined ? "" : `, given by ${reference.givenBy}`;
  return (
    <g class={`edge${props.touched ? " touched" : ""}${props.quiet ? " quiet" : ""}`}>
      <path d={curve(props.of)} marker-end="url(#arrow)">
        <title>{`${reference.from}: ${reference.field} is ${reference.to}${by}`}</title>
      </path>
      {props.named && (
        <text x={label.x} y={label.y + 4} aria-hidden="true">
          {reference.field}
        </text>
      )}
    </g>
  );
}

/** Through the points, level at each of them. */
function curve(edge: Edge): string {
  const [first, ...rest] = edge.points;
  let [path, here] = [`M${first!.x} ${first!.y}`, first!];
  for (const next of rest) {
    const middle = (here.x + next.x) / 2;
    path += `C${middle} ${here.y} ${middle} ${next.y} ${next.x} ${next.y}`;
    here = next;
  }
  return path;
}

interface BoxProps {
  node: Node;
  cell: Cell | undefined;
  paused: boolean;
  chosen: boolean;
  entry: boolean;
  choose: () => void;
  near: (is: boolean) => void;
  key_: (event: KeyboardEvent) => void;
}

function Box(props: BoxProps): JSX.Element {
  const { node, cell } = props;
  const words = cell === undefined ? "" : `, ${cell.status.replaceAll("_", " ").toLowerCase()}`;
  return (
    <g
      id={nodeId(node.id)}
      class={`node ${cell === undefined ? "idle" : toneOf(cell.status)}`}
      transform={`translate(${node.x - node.width / 2} ${node.y - node.height / 2})`}
      role="button"
      tabindex={props.entry ? 0 : -1}
      aria-pressed={props.chosen}
      aria-label={`${node.id}, ${node.type}, ${categoryName(node.category).toLowerCase()}${words}${props.paused ? ", paused" : ""}`}
      onClick={props.choose}
      onKeyDown={props.key_}
      onFocus={() => props.near(true)}
      onPointerEnter={() => props.near(true)}
      onPointerLeave={() => props.near(false)}
    >
      <title>{`${node.id} (${node.type})`}</title>
      <path class="outline" d={outline(node.category, node.width, node.height)} />
      <path class="icon" transform={`translate(14 ${node.height / 2 - 8})`} d={iconOf(node.category)} />
      <text x="38" y="21" class="id-text" aria-hidden="true">
        {`${fitting(node.id, node.width, ID_CHARACTER)} `}
      </text>
      <text x="38" y="37" class="type" aria-hidden="true">
        {fitting(node.type, node.width, TYPE_CHARACTER)}
      </text>
      {cell !== undefined && (
        <g transform={`translate(${node.width - 4} 3)`} class="badge" aria-hidden="true">
          <circle r="9" />
          <text y="4" aria-hidden="true">
            {markOf(cell.status)}
          </text>
        </g>
      )}
      {props.paused && (
        <g transform={`translate(${node.width - 26} 3)`} class="badge" aria-hidden="true">
          <circle r="9" />
          <text y="4">{markOf("PAUSED")}</text>
        </g>
      )}
    </g>
  );
}
