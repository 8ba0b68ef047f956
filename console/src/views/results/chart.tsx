/** Labels over time: as a chart for who sees it, and as a table for everybody. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Moment } from "../../parts/moment";
import { labelsOf, pointsOf, sure, type Result } from "./sightings";

const DRAWN = 6;

export function Labels(props: { of: readonly Result[] }): JSX.Element | null {
  const labels = labelsOf(props.of);
  if (labels.length === 0) {
    return null;
  }
  return (
    <section class="labels" aria-label="Labels over time">
      <Chart of={props.of} labels={labels.slice(0, DRAWN).map((each) => each.name)} />
      <div class="scroll" tabIndex={0} role="region" aria-label="Labels">
        <table>
          <thead>
            <tr>
              <th scope="col">Label</th>
              <th scope="col" class="number">
                Times
              </th>
              <th scope="col" class="number">
                Surest
              </th>
              <th scope="col">First</th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {labels.map((each) => (
              <tr key={each.name}>
                <th scope="row">{each.name === "" ? "score" : each.name}</th>
                <td class="number">{each.times}</td>
                <td class="number">{sure(each.highest)}</td>
                <td>
                  <Moment at={each.first} />
                </td>
                <td>
                  <Moment at={each.last} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Chart(props: { of: readonly Result[]; labels: readonly string[] }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let left = false;
    let undo: (() => void) | undefined;
    import("./plot").then(
      ({ drawn }) => {
        if (!left && place.current !== null) {
          undo = drawn(place.current, props.labels, pointsOf(props.of, props.labels));
        }
      },
      () => setFailure("The chart could not be loaded; the table says the same."),
    );
    return () => {
      left = true;
      undo?.();
    };
  }, [props.of, props.labels.join("\n")]);
  return failure === undefined ? (
    <div ref={place} class="card plot" role="img" aria-label={`Confidence over time of ${props.labels.join(", ")}`} />
  ) : (
    <p class="faint">{failure}</p>
  );
}
