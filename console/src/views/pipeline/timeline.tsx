/**
 * Objects by intervals, a cell an instance: an ARIA grid of which only what is in sight is in the page.
 *
 * Lines run from right to left, so that the newest is where one begins and what is loaded of the past adds to the far
 * end. Cells are drawn in blocks, so that scrolling adds and takes away a block now and then and touches nothing else.
 * The grid itself has the focus; which cell the keys are at is told by aria-activedescendant.
 */
import { signal, type Signal } from "@preact/signals";
import type { JSX } from "preact";
import { memo } from "preact/compat";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { toInstance, toRun } from "../../parts/address";
import { Moment, lasted } from "../../parts/moment";
import { Status, markOf, toneOf } from "../../parts/status";
import { blocksOf, type Cell, type Column, type Row } from "./columns";
import { labelsOf, spokenOf, wordsOf } from "./intervals";
import { useVirtual, type Window } from "./virtual";

const BLOCK = 12;
const [WIDTH, HEIGHT, HEAD] = [26, 28, 62];
const NEAR_THE_END = 2;

type Block = readonly Column[];

/** Row -1 is the head. */
interface Place {
  row: number;
  column: number;
}

export interface TimelineProps {
  pipeline: string;
  columns: readonly Column[];
  rows: readonly Row[];
  /** Statuses that stand out; none means all do. */
  statuses: readonly string[];
  /** Ask for what is older; undefined when there is nothing older. */
  older: (() => void) | undefined;
  loading: boolean;
}

export function Timeline(props: TimelineProps): JSX.Element {
  const { columns, rows } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const kept = useRef<readonly Block[]>([]);
  const blocks = useMemo(() => (kept.current = blocksOf(columns, BLOCK, kept.current)), [columns]);
  const labels = useMemo(() => labelsOf(columns), [columns]);
  const across = useVirtual({ of: scroller, count: blocks.length, size: () => BLOCK * WIDTH, overscan: 1, horizontal: true });
  const down = useVirtual({ of: scroller, count: rows.length, size: () => HEIGHT, overscan: 6, before: HEAD });
  const [at] = useState(() => signal<Place>());
  const [over] = useState(() => signal<Place>());
  const [, go] = useLocation();
  const inSight = across.getVirtualItems();
  const last = inSight.at(-1)?.index ?? 0;
  useEffect(() => {
    if (props.older !== undefined && !props.loading && last >= blocks.length - NEAR_THE_END) {
      props.older();
    }
  }, [last, blocks.length, props.older, props.loading]);

  const shown = inSight.flatMap((item) => (blocks[item.index] === undefined ? [] : [{ block: blocks[item.index]!, at: item.start }]));
  const matching = useMemo(() => new Set(props.statuses), [props.statuses]);

  function follow(place: Place): void {
    const column = columns[place.column];
    const row = rows[place.row];
    const cell = row === undefined ? undefined : column?.cells.get(row.key);
    if (column !== undefined && row === undefined) {
      go(toRun(props.pipeline, column.run));
    } else if (cell !== undefined) {
      go(toInstance(props.pipeline, cell.instanceId));
    }
  }

  function key(event: KeyboardEvent): void {
    const now = at.value ?? { row: 0, column: 0 };
    if (event.key === "Enter") {
      follow(now);
      return;
    }
    const step = stepOf(event, across, down);
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    const next = {
      row: Math.max(-1, Math.min(rows.length - 1, now.row + step.row)),
      column: Math.max(0, Math.min(columns.length - 1, now.column + step.column)),
    };
    reveal(scroller.current, next);
    over.value = undefined;
    at.value = next;
  }

  return (
    <>
      <div
        ref={scroller}
        class="timeline"
        dir="rtl"
        role="grid"
        tabIndex={0}
        aria-label="Runs of the pipeline: objects by intervals, the newest on the right"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 1}
        onKeyDown={key}
        onFocus={() => (at.value ??= { row: 0, column: 0 })}
        onPointerOver={(event) => (over.value = placeOf(event.target))}
        onPointerLeave={() => (over.value = undefined)}
      >
        <ActiveCell at={at} of={scroller} />
        <div class="lines" role="presentation" style={{ width: `calc(var(--names) + ${columns.length * WIDTH}px)`, height: `${down.getTotalSize()}px` }}>
          <div class="line heads" role="row" aria-rowindex={1}>
            {shown.map((each) => (
              <Heads key={each.block[0]?.run} pipeline={props.pipeline} block={each.block} first={each.at / WIDTH} start={each.at} labels={labels} />
            ))}
            <div class="name" role="columnheader" aria-colindex={1}>
              Object
            </div>
          </div>
          {down.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              row !== undefined && (
                <Line
                  key={row.key}
                  pipeline={props.pipeline}
                  row={row}
                  number={item.index}
                  top={item.start}
                  shown={shown}
                  matching={matching}
                />
              )
            );
          })}
        </div>
      </div>
      <Told pipeline={props.pipeline} columns={columns} rows={rows} at={at} over={over} loading={props.loading} more={props.older !== undefined} />
    </>
  );
}

/** Where arrow keys lead: left is into the past. */
function stepOf(event: KeyboardEvent, across: Window, down: Window): Place | undefined {
  const [wide, high] = [Math.floor((across.scrollRect?.width ?? 0) / WIDTH / 2), Math.floor((down.scrollRect?.height ?? 0) / HEIGHT / 2)];
  const steps: Readonly<Record<string, Place>> = {
    ArrowLeft: { row: 0, column: 1 },
    ArrowRight: { row: 0, column: -1 },
    ArrowUp: { row: -1, column: 0 },
    ArrowDown: { row: 1, column: 0 },
    PageUp: { row: -high, column: 0 },
    PageDown: { row: high, column: 0 },
    Home: { row: 0, column: Infinity },
    End: { row: 0, column: -Infinity },
  };
  if (event.shiftKey && (event.key === "PageUp" || event.key === "PageDown")) {
    return { row: 0, column: event.key === "PageUp" ? wide : -wide };
  }
  return event.altKey || event.metaKey ? undefined : steps[event.key];
}

/** Scroll so that a cell is in sight, beside what sticks to the edges. */
function reveal(scroller: HTMLElement | null, place: Place): void {
  if (scroller === null) {
    return;
  }
  const names = scroller.querySelector<HTMLElement>(".name")?.offsetWidth ?? 0;
  const [from, to] = [place.column * WIDTH, (place.column + 1) * WIDTH];
  const [seen, wide] = [-scroller.scrollLeft, scroller.clientWidth - names];
  if (from < seen || to > seen + wide) {
    scroller.scrollLeft = -(from < seen ? from : to - wide);
  }
  const [top, bottom] = [place.row * HEIGHT, (place.row + 1) * HEIGHT];
  const high = scroller.clientHeight - HEAD;
  if (place.row >= 0 && (top < scroller.scrollTop || bottom > scroller.scrollTop + high)) {
    scroller.scrollTop = top < scroller.scrollTop ? top : bottom - high;
  }
}

const nameOf = (place: Place): string => `cell.${place.row}.${place.column}`;

function placeOf(target: EventTarget | null): Place | undefined {
  const id = (target as Element | null)?.closest?.("[id^='cell.']")?.id.split(".");
  return id === undefined ? undefined : { row: Number(id[1]), column: Number(id[2]) };
}

/** Marks the cell that the keys are at, without drawing any cell again. */
function ActiveCell(props: { at: Signal<Place | undefined>; of: { current: HTMLElement | null } }): JSX.Element | null {
  const place = props.at.value;
  useEffect(() => {
    if (place === undefined) {
      props.of.current?.removeAttribute("aria-activedescendant");
    } else {
      props.of.current?.setAttribute("aria-activedescendant", nameOf(place));
    }
  }, [place]);
  if (place === undefined) {
    return null;
  }
  const top = place.row < 0 ? 0 : HEAD + place.row * HEIGHT;
  const size = { width: `${WIDTH}px`, height: `${place.row < 0 ? HEAD : HEIGHT}px` };
  return <div class="at" role="presentation" style={{ ...size, top: `${top}px`, right: `${place.column * WIDTH}px` }} />;
}

interface HeadsProps {
  pipeline: string;
  block: Block;
  /** Number of the block's first column, the newest. */
  first: number;
  start: number;
  labels: ReadonlyMap<string, string>;
}

const Heads = memo((props: HeadsProps): JSX.Element => (
  <div class="block" role="presentation" style={{ right: `${props.start}px` }}>
    {props.block.map((column, number) => {
      const label = props.labels.get(column.run) ?? "";
      return (
        <div key={column.run} id={nameOf({ row: -1, column: props.first + number })} class="head" role="columnheader" aria-colindex={props.first + number + 2}>
          <Link href={toRun(props.pipeline, column.run)} tabIndex={-1} aria-label={`${label}: run of ${spokenOf(column)}`} class={label.includes(":") ? "" : "day"}>
            {label}
          </Link>
        </div>
      );
    })}
  </div>
));

interface LineProps {
  pipeline: string;
  row: Row;
  number: number;
  top: number;
  shown: readonly { block: Block; at: number }[];
  matching: ReadonlySet<string>;
}

function Line(props: LineProps): JSX.Element {
  const { row, number } = props;
  return (
    <div class="line" role="row" aria-rowindex={number + 2} style={{ top: `${props.top}px` }}>
      {props.shown.map((each) => (
        <Cells
          key={each.block[0]?.run}
          pipeline={props.pipeline}
          block={each.block}
          row={row.key}
          number={number}
          first={each.at / WIDTH}
          matching={props.matching}
        />
      ))}
      <div class="name" role="rowheader" aria-colindex={1} title={wordsOf(row)} dir="ltr">
        {row.component}
        {row.guarded !== undefined && <span class="faint"> · {row.guarded}</span>}
      </div>
    </div>
  );
}

interface CellsProps {
  pipeline: string;
  block: Block;
  row: string;
  number: number;
  first: number;
  matching: ReadonlySet<string>;
}

const Cells = memo((props: CellsProps): JSX.Element => {
  const { row, matching } = props;
  return (
    <div class="block" role="presentation" style={{ right: `${props.first * WIDTH}px` }}>
      {props.block.map((column, number) => {
        const cell = column.cells.get(row);
        const place = props.first + number;
        return (
          <div key={column.run} id={nameOf({ row: props.number, column: place })} role="gridcell" aria-colindex={place + 2}>
            {cell !== undefined && (
              <a
                href={`#${toInstance(props.pipeline, cell.instanceId)}`}
                tabIndex={-1}
                class={`cell ${toneOf(cell.status)}${matching.size > 0 && !matching.has(cell.status) ? " dim" : ""}${cell.stuck ? " stuck" : ""}`}
                aria-label={`${cell.componentId}, ${spokenOf(column)}: ${said(cell)}`}
              >
                {markOf(cell.status)}
              </a>
            )}
          </div>
        );
      })}
    </div>
  );
});

function said(cell: Cell): string {
  const status = cell.status.replaceAll("_", " ").toLowerCase();
  const attempts = cell.attempts === 1 ? "1 attempt" : `${cell.attempts} attempts`;
  const stuck = cell.stuck === true ? ", stuck behind a failure" : "";
  return `${status}${stuck}, ${attempts}${cell.late === true ? ", late" : ""}`;
}

interface ToldProps {
  pipeline: string;
  columns: readonly Column[];
  rows: readonly Row[];
  at: Signal<Place | undefined>;
  over: Signal<Place | undefined>;
  loading: boolean;
  more: boolean;
}

/** What is to be known of the cell that is pointed at, or that the keys are at. */
function Told(props: ToldProps): JSX.Element {
  const place = props.over.value ?? props.at.value;
  const column = place === undefined ? undefined : props.columns[place.column];
  const row = place === undefined ? undefined : props.rows[place.row];
  const cell = row === undefined ? undefined : column?.cells.get(row.key);
  return (
    <div class="told">
      {column === undefined ? (
        <span class="faint">Point at a cell, or walk with the arrow keys; Enter opens it.</span>
      ) : (
        <>
          {row !== undefined && <strong>{wordsOf(row)}</strong>}
          <span>
            <Moment at={column.start} />
          </span>
          {row !== undefined && cell === undefined && <span class="faint">nothing in this interval</span>}
          {cell !== undefined && (
            <>
              <Status of={cell.status} />
              {cell.stuck === true && <span>stuck behind a failure</span>}
              {cell.late === true && <span>late</span>}
              <span>{cell.attempts === 1 ? "1 attempt" : `${cell.attempts} attempts`}</span>
              {(cell.endedAt !== undefined || cell.stuck !== true) && <span>{lasted(cell.startedAt, cell.endedAt)}</span>}
            </>
          )}
        </>
      )}
      <span class="faint much">
        {props.loading ? "Loading older runs …" : `${props.columns.length}${props.more ? "+" : ""} runs`}
      </span>
    </div>
  );
}
