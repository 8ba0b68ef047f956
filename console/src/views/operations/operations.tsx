/** How the deployment does: alarms, queues, errors and throttles, lateness, cost, and its Task Runners. */
import type { JSX } from "preact";
import { Suspense, lazy } from "preact/compat";
import { useMemo } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import { toRunbook } from "../../parts/address";
import { useNarrowing } from "../../parts/hash";
import { Show, useLoaded } from "../../parts/loaded";
import { Moment, span } from "../../parts/moment";
import { Costs } from "./costs";
import { linesOf, moved, timesOf, type Line, type Operations } from "./readings";
import { Runners } from "./runners";
import "./operations.css";

const Chart = lazy(() => import("./chart"));
const REFRESH_SECONDS = 60;
const HOURS = ["1", "3", "12", "24"];

export function OperationsView(): JSX.Element {
  const [narrowing, narrow] = useNarrowing();
  const hours = HOURS.includes(narrowing.get("hours") ?? "") ? (narrowing.get("hours") as string) : "3";
  const found = useLoaded(
    () => body(api.GET("/v1/operations", { params: { query: { hours: Number(hours) } } })),
    [hours],
    REFRESH_SECONDS,
  );
  return (
    <>
      <div class="title measured">
        <h1>Operations</h1>
        <label>
          Last{" "}
          <select value={hours} onChange={(event) => narrow({ hours: event.currentTarget.value })}>
            {HOURS.map((each) => (
              <option key={each} value={each}>
                {each === "1" ? "hour" : `${each} hours`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Show of={found} what="readings">
        {(value) => <Readings of={value} />}
      </Show>
      <h2>Cost by day and pipeline</h2>
      <Costs />
      <h2>Task Runners</h2>
      <Runners />
    </>
  );
}

function Readings(props: { of: Operations }): JSX.Element {
  const { of } = props;
  const times = useMemo(() => timesOf(of), [of]);
  const panels = useMemo(
    () => [
      { title: "Age of the oldest message", unit: "s", lines: linesOf(of, { queueAge: "" }) },
      { title: "Messages that wait", unit: "", lines: linesOf(of, { queueDepth: "" }) },
      { title: "Dead letters", unit: "", lines: linesOf(of, { deadLetters: "" }) },
      { title: "Lateness", unit: "s", lines: linesOf(of, { Lateness: "lateness" }) },
      {
        title: "Errors of functions and the API",
        unit: "",
        lines: linesOf(of, { ApiFaults: "API faults", functionErrors: "" }),
      },
      {
        title: "Throttles",
        unit: "",
        lines: linesOf(of, { Throttles: "AWS services", functionThrottles: "" }),
      },
      { title: "Runs", unit: "", lines: linesOf(of, { RunsStarted: "started", RunsFailed: "failed", RunsFinished: "finished" }) },
      { title: "Requests of the API", unit: "", lines: linesOf(of, { ApiCalls: "requests" }) },
    ],
    [of],
  );
  return (
    <>
      <Alarms of={of.alarms} />
      <div class="panels">
        {panels.map((each) => (
          <Panel key={each.title} times={times} {...each} />
        ))}
      </div>
    </>
  );
}

function Alarms(props: { of: Operations["alarms"] }): JSX.Element {
  const on = props.of.filter((alarm) => alarm.state === "ALARM");
  const unknown = props.of.filter((alarm) => alarm.state === "INSUFFICIENT_DATA").length;
  return (
    <section aria-label="Alarms">
      {props.of.length === 0 ? (
        <p class="faint">This deployment has no alarms.</p>
      ) : on.length === 0 ? (
        <p>
          <span class="status good">✓ no alarm</span>{" "}
          <span class="faint">
            {props.of.length} watched{unknown > 0 && `, ${unknown} without data`}
          </span>
        </p>
      ) : (
        <ul class="alarms">
          {on.map((alarm) => (
            <li key={alarm.name} class="card">
              <strong>
                <span class="status bad">✕ {alarm.name}</span>
              </strong>{" "}
              {alarm.description} Since <Moment at={alarm.since} relative />.
              <p class="faint long">{alarm.reason}</p>
              {alarm.runbook !== undefined && <Link href={toRunbook(alarm.runbook)}>How to look, and how to mend it</Link>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Panel(props: { title: string; unit: string; times: readonly number[]; lines: readonly Line[] }): JSX.Element {
  const { lines, unit } = props;
  const shown = useMemo(() => moved(lines.map((line, at) => ({ ...line, colour: at }))), [lines]);
  const text = (value: number | undefined): string =>
    value === undefined ? "–" : unit === "s" ? (value < 10 ? `${Math.round(value * 10) / 10} s` : span(value)) : String(Math.round(value * 100) / 100);
  return (
    <section class="card panel" aria-label={props.title}>
      <h2>{props.title}</h2>
      {shown.length === 0 ? (
        <p class="quiet faint">{lines.every((line) => line.latest === undefined) ? "Nothing was measured." : "Nothing happened: all at 0."}</p>
      ) : (
        <Suspense fallback={<p class="quiet faint">Drawing …</p>}>
          <Chart title={props.title} times={props.times} lines={shown} unit={unit} />
        </Suspense>
      )}
      {shown.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">Of</span>
              </th>
              <th scope="col">Now</th>
              <th scope="col">Highest</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <tr key={line.name}>
                <th scope="row">
                  <span class={`mark mark-${line.colour % 7}`} aria-hidden="true" /> {line.name}
                </th>
                <td>{text(line.latest)}</td>
                <td>{text(line.highest)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
