/** What models answered about an activity's items: pictures with what was seen, labels over time, a table. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toInstance } from "../../parts/address";
import { decoded, useNarrowing } from "../../parts/hash";
import { Empty, Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { Labels } from "./chart";
import { Frame, nameOf } from "./picture";
import { momentOf, said, sure, type Result } from "./sightings";
import "./results.css";

type Page = components["schemas"]["ResultPage"];
const PAGE = 50;

interface Narrowed {
  label: string;
  least: string;
  item: string;
  standing: string;
}

export function ResultsView(props: { params: { pipeline: string; instance: string } }): JSX.Element {
  const [id, instance] = [decoded(props.params.pipeline), decoded(props.params.instance)];
  const [search, narrow] = useNarrowing();
  const word = (name: string): string => search.get(name) ?? "";
  const narrowed = { label: word("label"), least: word("least"), item: word("item"), standing: word("standing") };
  const first = useLoaded(() => page(id, instance, narrowed), [id, instance, search.toString()]);
  return (
    <>
      <div class="title">
        <h1>Results</h1>
        <Link href={toInstance(id, instance)}>of {nameOfInstance(instance)}</Link>
      </div>
      <Filters key={search.toString()} now={narrowed} narrow={narrow} />
      <Show of={first} what="results">
        {(found) => <Found key={found.items[0]?.item} pipeline={id} instance={instance} first={found} again={first.again} narrowed={narrowed} />}
      </Show>
    </>
  );
}

/** Frames as they were filmed: a table gives its items in no order. */
function inOrder(items: readonly Result[]): readonly Result[] {
  const filmed = items.every((each) => /#\d+\+\d+$/.test(each.item));
  return filmed ? [...items].sort((a, b) => a.item.localeCompare(b.item, "en", { numeric: true })) : items;
}

function nameOfInstance(instance: string): string {
  return instance.replace(/^@/, "").replace(/_(?=\d{4}-)/, " of ");
}

async function page(pipeline: string, instance: string, by: Narrowed, cursor?: string): Promise<Page> {
  const least = Number.parseFloat(by.least);
  const query = {
    limit: PAGE,
    ...(by.label !== "" && { label: by.label }),
    ...(!Number.isNaN(least) && { minConfidence: least }),
    ...(by.item !== "" && { item: by.item }),
    ...((by.standing === "answered" || by.standing === "failed") && { standing: by.standing as "answered" | "failed" }),
    ...(cursor !== undefined && { cursor }),
  };
  const path = { pipelineId: pipeline, instanceId: instance };
  return body(api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}/results", { params: { path, query } }));
}

function Filters(props: { now: Narrowed; narrow: (change: Record<string, string>) => void }): JSX.Element {
  const { now } = props;
  return (
    <form
      class="narrow"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        props.narrow(Object.fromEntries(["label", "least", "item", "standing"].map((name) => [name, String(given.get(name) ?? "")])));
      }}
    >
      <label>
        Label
        <input name="label" defaultValue={now.label} maxLength={256} />
      </label>
      <label>
        Confidence at least
        <input name="least" type="number" step="any" defaultValue={now.least} />
      </label>
      <label>
        Item contains
        <input name="item" defaultValue={now.item} maxLength={1024} />
      </label>
      <label>
        Which
        <select name="standing" defaultValue={now.standing}>
          <option value="">all</option>
          <option value="answered">answered</option>
          <option value="failed">failed</option>
        </select>
      </label>
      <button type="submit">Filter</button>
    </form>
  );
}

function Found(props: { pipeline: string; instance: string; first: Page; again: () => void; narrowed: Narrowed }): JSX.Element {
  const [pages, setPages] = useState<readonly Page[]>([props.first]);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [shown, setShown] = useState<"pictures" | "table">();
  useEffect(() => setPages([props.first]), [props.first]);
  const items = inOrder(pages.flatMap((each) => each.items));
  const cursor = pages.at(-1)?.nextCursor;
  const pictured = items.some((each) => each.hasPicture);
  const form = shown ?? (pictured ? "pictures" : "table");

  async function more(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      const next = await page(props.pipeline, props.instance, props.narrowed, cursor);
      setPages((known) => [...known, next]);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      {!props.first.complete && (
        <p role="status">
          The activity is not done: these are its results so far. <button type="button" onClick={props.again}>Look again</button>
        </p>
      )}
      {items.length === 0 ? (
        <Empty>
          <p>{props.first.told ?? (cursor === undefined ? "No result is like that." : "None so far; there is more to look through.")}</p>
        </Empty>
      ) : (
        <>
          <Labels of={items} />
          {pictured && (
            <div class="choice" role="group" aria-label="Show as">
              {(["pictures", "table"] as const).map((each) => (
                <button key={each} type="button" aria-pressed={form === each} onClick={() => setShown(each)}>
                  {each === "pictures" ? "Pictures" : "Table"}
                </button>
              ))}
            </div>
          )}
          {form === "pictures" ? <Pictures {...props} of={items} /> : <Table of={items} />}
        </>
      )}
      {failure !== undefined && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      <div class="pages">
        <span class="faint">
          {items.length} {items.length === 1 ? "result" : "results"}
          {cursor !== undefined && " so far"}
        </span>
        {cursor !== undefined && (
          <button type="button" disabled={busy} onClick={() => void more()}>
            {busy ? "Reading …" : "Show more"}
          </button>
        )}
      </div>
    </>
  );
}

function Pictures(props: { pipeline: string; instance: string; of: readonly Result[] }): JSX.Element {
  return (
    <ul class="pictures">
      {props.of.map((each) => (
        <li key={each.item} class="card">
          <Frame pipeline={props.pipeline} instance={props.instance} of={each} />
          <p class="caption">
            <strong title={each.item}>{nameOf(each.item)}</strong>
            <span class={each.error === undefined ? "faint" : "error"}>{said(each)}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function Table(props: { of: readonly Result[] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Results">
      <table>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">What was seen</th>
            <th scope="col">When</th>
            <th scope="col">Answer</th>
          </tr>
        </thead>
        <tbody>
          {props.of.map((each) => (
            <tr key={each.item}>
              <th scope="row" class="long">
                {each.item}
              </th>
              <td>{each.error === undefined ? <Seen of={each} /> : <span class="error">{said(each)}</span>}</td>
              <td>
                <Moment at={momentOf(each)} />
              </td>
              <td>
                {each.output !== undefined && (
                  <details>
                    <summary>{each.model}</summary>
                    <pre tabIndex={0}>{indented(each.output)}</pre>
                  </details>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Seen(props: { of: Result }): JSX.Element {
  if (props.of.sightings.length === 0) {
    return <span class="faint">nothing</span>;
  }
  return (
    <>
      {props.of.sightings.map((each, place) => (
        <span class="tag" key={place}>
          {each.label === "" ? "score" : each.label}
          {sure(each.confidence)}
        </span>
      ))}
    </>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
