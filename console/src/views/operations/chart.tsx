/** Series over time as a chart, drawn by uplot on a canvas; the table beside says the same to who cannot see it. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface ChartProps {
  title: string;
  /** Seconds since 1970. */
  times: readonly number[];
  lines: readonly { name: string; values: readonly (number | null)[]; colour: number }[];
  unit: string;
}

const HEIGHT = 180;
const COLOURS = ["--busy", "--bad", "--good", "--waiting", "--link", "--off", "--text"];
const DASHES: readonly number[][] = [[], [6, 3], [2, 3]];

export default function Chart(props: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const found = place.current;
    if (found === null) {
      return undefined;
    }
    let drawn = draw(found, props);
    const resized = new ResizeObserver(() => drawn.setSize({ width: found.clientWidth, height: HEIGHT }));
    resized.observe(found);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const again = () => {
      drawn.destroy();
      drawn = draw(found, props);
    };
    dark.addEventListener("change", again);
    return () => {
      dark.removeEventListener("change", again);
      resized.disconnect();
      drawn.destroy();
    };
  }, [props.times, props.lines]);
  return <div ref={place} class="plot" aria-hidden="true" />;
}

function draw(place: HTMLElement, props: ChartProps): uPlot {
  const style = getComputedStyle(place);
  const colour = (name: string): string => resolved(style.getPropertyValue(name), place);
  const axis = { stroke: colour("--faint"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
  return new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      cursor: { drag: { x: false, y: false } },
      legend: { show: false },
      scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(high * 1.1, 1)] } },
      axes: [axis, { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => short(tick)) }],
      series: [
        {},
        ...props.lines.map((line) => ({
          label: line.name,
          stroke: colour(COLOURS[line.colour % COLOURS.length] as string),
          width: 1.5,
          dash: [...(DASHES[Math.floor(line.colour / COLOURS.length) % DASHES.length] as number[])],
          points: { show: true, size: 4 },
          spanGaps: false,
        })),
      ],
    },
    [[...props.times], ...props.lines.map((line) => [...line.values])],
    place,
  );
}

/** A colour that a canvas understands: `light-dark()` is for styles alone. */
function resolved(value: string, place: HTMLElement): string {
  const probe = document.createElement("span");
  probe.style.color = value.trim();
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

export function short(value: number): string {
  const [size, letter] = ([[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const).find(([each]) => Math.abs(value) >= each) ?? [1, ""];
  return `${Number((value / size).toPrecision(3))}${letter}`;
}
