/** Where one is in a pipeline: the way there, and its other views. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { toBackfill, toDefinition, toEvents, toInstance, toPipeline, toPipelines, toRun } from "../parts/address";
import { decoded } from "../parts/hash";
import { nameOf } from "./names";
import { pipelineOf } from "./path";

interface Tab {
  name: string;
  to: (id: string) => string;
}

const TABS: readonly Tab[] = [
  { name: "Overview", to: toPipeline },
  { name: "Definition", to: toDefinition },
  { name: "Events", to: toEvents },
  { name: "Backfill", to: toBackfill },
];
const RUN_OF_INSTANCE = /_(\d{4}-\d\d-\d\dT[\d:.]+)$/;

/** Nothing on views of no pipeline. */
export function Place(props: { path: string }): JSX.Element | null {
  const pipeline = pipelineOf(props.path);
  if (pipeline === undefined) {
    return null;
  }
  const [area, part, further] = props.path.split("/").slice(3).map(decoded);
  return (
    <div class="place">
      <nav aria-label="Breadcrumb">
        <ol>
          <li>
            <Link href={toPipelines()}>Pipelines</Link>
          </li>
          <li>{area === undefined ? <span aria-current="page">{nameOf(pipeline)}</span> : <Link href={toPipeline(pipeline)}>{nameOf(pipeline)}</Link>}</li>
          {(area === "runs" || area === "instances") && part !== undefined && <Below pipeline={pipeline} area={area} part={part} further={further} />}
        </ol>
      </nav>
      <nav class="tabs" aria-label="Pipeline">
        {TABS.map((each) => (
          <Link key={each.name} href={each.to(pipeline)} aria-current={each.to(pipeline) === props.path ? "page" : within(each.to(pipeline), props.path)}>
            {each.name}
          </Link>
        ))}
      </nav>
    </div>
  );
}

/** Whether a view below the tab is shown; all of a pipeline's are below the first. */
function within(tab: string, path: string): "true" | undefined {
  return tab.split("/").length > 3 && path.startsWith(`${tab}/`) ? "true" : undefined;
}

/** A run, or an instance with the run that its id names. */
function Below(props: { pipeline: string; area: string; part: string; further: string | undefined }): JSX.Element {
  if (props.area === "runs") {
    return (
      <li>
        <span aria-current="page">Run {props.part}</span>
      </li>
    );
  }
  const run = RUN_OF_INSTANCE.exec(props.part)?.[1];
  const component = run === undefined ? props.part : props.part.slice(1, -run.length - 1);
  return (
    <>
      {run !== undefined && (
        <li>
          <Link href={toRun(props.pipeline, run)}>Run {run}</Link>
        </li>
      )}
      <li>
        {props.further === undefined ? (
          <span aria-current="page">{component}</span>
        ) : (
          <Link href={toInstance(props.pipeline, props.part)}>{component}</Link>
        )}
      </li>
    </>
  );
}
