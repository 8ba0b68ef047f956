/** One pipeline: what it is, the picture of its objects, the timeline of its runs, and what comes next. */
import type { JSX } from "preact";
import { Suspense, lazy } from "preact/compat";
import { useEffect, useMemo } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toBackfill } from "../../parts/address";
import { decoded } from "../../parts/hash";
import { Empty, Failure, Show, useLoaded, type Loaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { Status } from "../../parts/status";
import { Tags } from "../../parts/tags";
import { rowsOf } from "./columns";
import { Feed, Watch } from "./feed";
import { Filters, useNarrowed } from "./filters";
import { Next } from "./next";
import { inOrder, type Found } from "./order";
import { Orders } from "./orders";
import { Timeline } from "./timeline";
import "./pipeline.css";

const OUTLOOK_SECONDS = 60;

type Pipeline = components["schemas"]["Pipeline"];

const Drawing = lazy(async () => ({ default: (await import("./drawing")).Drawing }));

export function PipelineView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decoded(props.params.pipeline);
  return <Whole key={id} id={id} />;
}

function Whole(props: { id: string }): JSX.Element {
  const { id } = props;
  const path = { pipelineId: id };
  const pipeline = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}", { params: { path } })), [id]);
  const graph = useLoaded(() => body(api.GET("/v1/pipelines/{pipelineId}/graph", { params: { path } })), [id]);
  const all = useMemo(() => new Feed(id, { statuses: [] }), [id]);
  const watch = useMemo(() => new Watch(id), [id]);
  useEffect(() => {
    void all.older();
    return watch.begin();
  }, [all, watch]);
  const [narrowed] = useNarrowed();
  const standing = watch.standing.value;
  const state = standing?.state ?? pipeline.value?.state;
  const outlook = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/outlook", { params: { path } })),
    [id, state, standing?.paused.join()],
    OUTLOOK_SECONDS,
  );
  const isNarrowed = narrowed.statuses.length > 0 || narrowed.from !== undefined || narrowed.to !== undefined;
  const feed = useMemo(() => (isNarrowed ? new Feed(id, narrowed) : all), [id, all, narrowed, isNarrowed]);
  useEffect(() => {
    watch.tell(feed === all ? [all] : [all, feed]);
    if (!feed.begun.value) {
      void feed.older();
    }
  }, [watch, all, feed]);

  useEffect(() => {
    if (standing !== undefined && pipeline.value !== undefined && standing.state !== pipeline.value.state) {
      pipeline.again();
      graph.again();
    }
  }, [standing?.state]);
  const changed = (): void => {
    pipeline.again();
    void watch.look();
  };

  return (
    <>
      <Show of={pipeline} what="pipeline" heads>
        {(found) => (
          <>
            <Head of={found} state={state ?? found.state} health={standing?.health ?? found.health} next={outlook.value?.nextRuns[0]?.at} />
            <Orders of={found} state={state ?? found.state} paused={standing?.paused ?? []} done={changed} />
            {standing !== undefined && standing.toBegin > 0 && (
              <p class="notice">
                <Link href={toBackfill(id)}>A backfill is under way</Link>: {standing.toBegin} intervals have still to begin.
              </p>
            )}
            <h2>Objects</h2>
            <Picture pipeline={id} graph={graph} all={all} watch={watch} />
            <h2>Runs</h2>
            <Runs pipeline={id} graph={graph} feed={feed} isNarrowed={isNarrowed} />
            <h2>Next runs</h2>
            <Next outlook={outlook} state={state ?? found.state} />
          </>
        )}
      </Show>
    </>
  );
}

function Head(props: { of: Pipeline; state: string; health: string; next: string | undefined }): JSX.Element {
  const { of } = props;
  return (
    <>
      <div class="title">
        <h1>{of.name}</h1>
        <Status of={props.state} />
        {props.health !== "-" && <Status of={props.health} />}
      </div>
      {of.description !== undefined && of.description !== "" && <p>{of.description}</p>}
      <dl class="facts">
        <div>
          <dt>Id</dt>
          <dd class="id">{of.pipelineId}</dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Moment at={of.createdAt} />
          </dd>
        </div>
        <div>
          <dt>Activated</dt>
          <dd>
            <Moment at={of.lastActivatedAt} />
          </dd>
        </div>
        {props.next !== undefined && (
          <div>
            <dt>Next run</dt>
            <dd>
              <Moment at={props.next} />
            </dd>
          </div>
        )}
        <div>
          <dt>By</dt>
          <dd class="long">{of.createdBy}</dd>
        </div>
        {Object.keys(of.tags).length > 0 && (
          <div>
            <dt>Tags</dt>
            <dd>
              <Tags of={of.tags} />
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function Picture(props: { pipeline: string; graph: Loaded<Found>; all: Feed; watch: Watch }): JSX.Element {
  const { all, watch } = props;
  return (
    <Show of={props.graph} what="objects">
      {(found) =>
        found.nodes.length === 0 ? (
          <Empty>No definition yet: write one, or drop a file into the editor.</Empty>
        ) : (
          <Suspense fallback={<p class="loading">Drawing …</p>}>
            <Drawing
              pipeline={props.pipeline}
              graph={found}
              newest={all.newest.value}
              standing={watch.standing.value}
              done={() => void watch.look()}
            />
          </Suspense>
        )
      }
    </Show>
  );
}

function Runs(props: { pipeline: string; graph: Loaded<Found>; feed: Feed; isNarrowed: boolean }): JSX.Element {
  const { feed } = props;
  const [narrowed, object] = useNarrowed();
  const columns = feed.columns.value;
  const order = useMemo(() => (props.graph.value === undefined ? [] : inOrder(props.graph.value)), [props.graph.value]);
  const rows = useMemo(() => {
    const wanted = object.toLowerCase();
    return rowsOf(columns, order).filter((row) => row.key.toLowerCase().includes(wanted));
  }, [columns, order, object]);
  if (feed.begun.value && feed.whole.value && columns.length === 0 && !props.isNarrowed) {
    return <Empty>Nothing has run yet. Runs appear here once the pipeline is active.</Empty>;
  }
  return (
    <>
      <Filters />
      {feed.failure.value !== undefined && <Failure error={feed.failure.value} what="runs" again={() => void feed.older()} />}
      {!feed.begun.value && feed.failure.value === undefined && (
        <p class="loading" role="status">
          Loading runs …
        </p>
      )}
      {feed.begun.value && columns.length === 0 && feed.whole.value && <Empty>No run fits these filters.</Empty>}
      {columns.length > 0 && rows.length === 0 && <Empty>No object fits “{object}”.</Empty>}
      {columns.length > 0 && rows.length > 0 && (
        <Timeline
          pipeline={props.pipeline}
          columns={columns}
          rows={rows}
          statuses={narrowed.statuses}
          older={feed.whole.value ? undefined : feed.older}
          loading={feed.loading.value}
        />
      )}
    </>
  );
}
