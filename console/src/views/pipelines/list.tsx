/** Pipelines as rows. What a row shows of runs is asked for when the row comes into view. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { toCreate, toPipeline, toRun } from "../../parts/address";
import { Door } from "../../parts/door";
import { Moment } from "../../parts/moment";
import { Status } from "../../parts/status";
import { Tags } from "../../parts/tags";
import { useOutlook, type Outlook, type Pipeline } from "./outlooks";
import { Spark } from "./spark";

export function List(props: { of: readonly Pipeline[]; turn: unknown }): JSX.Element {
  return (
    <div class="scroll">
      {/* Roles are said because a narrow page lays the table out as cards, which takes them away. */}
      <table class="pipelines" role="table" aria-label="Pipelines">
        <thead role="rowgroup">
          <tr role="row">
            {["Pipeline", "State", "Last run", "Next run", "Durations", "Tags", "Owner"].map((each) => (
              <th scope="col" role="columnheader" key={each}>
                {each}
              </th>
            ))}
            <th scope="col" role="columnheader">
              <span class="hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.of.map((each) => (
            <Row key={each.pipelineId} of={each} turn={props.turn} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { of: Pipeline; turn: unknown }): JSX.Element {
  const { of } = props;
  const row = useRef<HTMLTableRowElement>(null);
  const outlook = useOutlook(of, useSeen(row), props.turn);
  const ran = of.latestRunAt !== undefined;
  return (
    <tr ref={row} role="row">
      <th scope="row" role="rowheader" class="name">
        <Link href={toPipeline(of.pipelineId)}>{of.name}</Link>
        {of.description !== undefined && of.description !== "" && <div class="faint described">{of.description}</div>}
      </th>
      <td role="cell" class="states">
        <Status of={of.state} />
        {of.health !== "-" && <Status of={of.health} />}
      </td>
      <td role="cell" data-name="Last run" class={ran ? "" : "none"}>
        <LastRun of={of} outlook={outlook} />
      </td>
      <td role="cell" data-name="Next run" class={of.state === "SCHEDULED" ? "" : "none"}>
        <NextRun of={of} outlook={outlook} />
      </td>
      <td role="cell" data-name="Durations" class={ran ? "" : "none"}>
        {outlook !== undefined && outlook.recentRuns.length > 0 ? <Spark of={outlook.recentRuns} /> : <span class="faint">–</span>}
      </td>
      <td role="cell" data-name="Tags" class="tags">
        <Tags of={of.tags} />
      </td>
      <td role="cell" data-name="Owner" class="owner" title={of.createdBy}>
        {shortName(of.createdBy)}
      </td>
      <td role="cell" class="actions">
        <Door to={toCreate(of.pipelineId)} scope="penstock/write" label={`Clone ${of.name}`}>
          Clone
        </Door>
      </td>
    </tr>
  );
}

function LastRun(props: { of: Pipeline; outlook: Outlook | undefined }): JSX.Element {
  const last = props.outlook?.recentRuns[0];
  if (last === undefined) {
    return <Moment at={props.of.latestRunAt} relative />;
  }
  return (
    <Link href={toRun(props.of.pipelineId, last.runId)}>
      <Moment at={last.startedAt} relative />
    </Link>
  );
}

function NextRun(props: { of: Pipeline; outlook: Outlook | undefined }): JSX.Element {
  const { outlook } = props;
  const next = outlook?.nextRuns[0];
  return (
    <>
      {next !== undefined && <Moment at={next.at} relative />}
      {next === undefined && <span class="faint">{outlook === undefined ? "–" : without(props.of, outlook)}</span>}
      {outlook?.behind !== undefined && (
        <div class="behind">
          {outlook.behind.intervals} {outlook.behind.intervals === 1 ? "interval" : "intervals"} behind
        </div>
      )}
      {outlook !== undefined && outlook.late.length > 0 && <div class="behind">{outlook.late.length} late</div>}
    </>
  );
}

/** Why nothing is to come. */
function without(of: Pipeline, outlook: Outlook): string {
  if (of.state !== "SCHEDULED") {
    return "–";
  }
  if (outlook.starts === "EVENTS") {
    return "with an event";
  }
  if (outlook.starts === "DEMAND") {
    return "on demand";
  }
  return outlook.paused.length > 0 ? "paused" : "none left";
}

/** Of an ARN its last part; other names as they are. */
function shortName(principal: string): string {
  return principal.startsWith("arn:") ? principal.slice(principal.search(/[^:/]*$/)) : principal;
}

/** Whether the element has ever been in view, or near it. */
function useSeen(of: { current: Element | null }): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (of.current === null || seen) {
      return undefined;
    }
    const watcher = new IntersectionObserver((entries) => entries.some((each) => each.isIntersecting) && setSeen(true), {
      rootMargin: "100px",
    });
    watcher.observe(of.current);
    return () => watcher.disconnect();
  }, [seen]);
  return seen;
}
