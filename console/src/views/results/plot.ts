/** The chart itself; loaded when there is something to draw. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

const TONES = ["--busy-solid", "--waiting-solid", "--good-solid", "--bad-solid", "--link", "--off-solid"];

/** Draw points over time into `place`; what undoes it. Colours are the page's, whichever scheme it is in. */
export function drawn(place: HTMLElement, labels: readonly string[], points: uPlot.AlignedData): () => void {
  const axis = { stroke: () => colour(place, "--faint"), grid: { stroke: () => colour(place, "--line"), width: 1 } };
  const chart = new uPlot(
    {
      width: Math.max(place.clientWidth, 200),
      height: 220,
      cursor: { drag: { x: true, y: false } },
      scales: { x: { range: () => around(points[0]) }, y: { range: (_, low, high) => (high > 1 ? [Math.min(low, 50), 101] : [0, 1.05]) } },
      axes: [axis, { ...axis, size: 44 }],
      series: [
        {},
        ...labels.map((label, place_) => ({
          label: label === "" ? "score" : label,
          stroke: () => colour(place, TONES[place_ % TONES.length] as string),
          paths: () => null,
          points: { show: true, size: 8, fill: () => colour(place, TONES[place_ % TONES.length] as string) },
        })),
      ],
    },
    points,
    place,
  );
  const resized = new ResizeObserver(() => chart.setSize({ width: Math.max(place.clientWidth, 200), height: 220 }));
  resized.observe(place);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const again = (): void => chart.redraw();
  scheme.addEventListener("change", again);
  return () => {
    scheme.removeEventListener("change", again);
    resized.disconnect();
    chart.destroy();
  };
}

/** A little more than there is, so that no point stands on the edge, and one alone in the middle. In order of time. */
function around(moments: ArrayLike<number>): [number, number] {
  const low = moments[0] ?? 0;
  const high = moments[moments.length - 1] ?? low;
  const more = Math.max((high - low) * 0.03, low === high ? 30 : 0);
  return [low - more, high + more];
}

/** A token as a canvas understands it: what the page resolves it to. */
function colour(place: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
