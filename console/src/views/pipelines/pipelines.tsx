/** All pipelines that the person may see, found by words, state and tag; the address says what it is narrowed to. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toCreate } from "../../parts/address";
import { Door } from "../../parts/door";
import { useNarrowing } from "../../parts/hash";
import { Empty, Show, useLoaded, type Loaded } from "../../parts/loaded";
import { List } from "./list";
import type { Pipeline } from "./outlooks";
import "./pipelines.css";

type State = Pipeline["state"];
type Page = components["schemas"]["PipelinePage"];

const REFRESH_SECONDS = 15;
const PAGE = 50;
const MOST_ASKED = 5;
const SETTLED_MILLISECONDS = 250;
const STATES: readonly State[] = ["PENDING", "ACTIVATING", "SCHEDULED", "DEACTIVATING", "INACTIVE", "FINISHED"];

export function PipelinesView(): JSX.Element {
  const [narrowing, narrow] = useNarrowing();
  const [q, tag, state, after] = ["q", "tag", "state", "after"].map((name) => narrowing.get(name) ?? "") as [string, string, string, string];
  const page = useLoaded(() => found(q, tag, state, after), [q, tag, state, after], REFRESH_SECONDS);
  const shown = useLast(page);
  const narrowed = q !== "" || tag !== "" || state !== "";
  return (
    <>
      <div class="title">
        <h1>Pipelines</h1>
        <Door to={toCreate()} scope="penstock/write" class="primary">
          New pipeline
        </Door>
      </div>
      <div class="narrowing" role="search">
        <Search words={q} change={(words) => narrow({ q: words, after: undefined }, true)} />
        <label>
          <span class="hidden">State</span>
          <select value={state} onChange={(event) => narrow({ state: event.currentTarget.value, after: undefined })}>
            <option value="">Any state</option>
            {STATES.map((each) => (
              <option key={each} value={each}>
                {each.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        {tag !== "" && (
          <button type="button" class="chosen" title="Show pipelines without this tag too" onClick={() => narrow({ tag: undefined, after: undefined })}>
            {tag.replace("=", ": ")} <span aria-hidden="true">✕</span>
            <span class="hidden">: no longer narrow to this tag</span>
          </button>
        )}
      </div>
      <Show of={shown} what="pipelines">
        {(value) =>
          value.items.length === 0 ? (
            <None narrowed={narrowed} more={value.nextCursor !== undefined} />
          ) : (
            <List of={value.items} turn={value} />
          )
        }
      </Show>
      {shown.value !== undefined && (after !== "" || shown.value.nextCursor !== undefined) && (
        <div class="pages">
          {after !== "" && (
            <>
              <button type="button" onClick={() => narrow({ after: undefined })}>
                First page
              </button>
              <button type="button" onClick={() => history.back()}>
                Back
              </button>
            </>
          )}
          <button type="button" disabled={page.value === undefined || shown.value.nextCursor === undefined} onClick={() => narrow({ after: shown.value?.nextCursor })}>
            Next page
          </button>
        </div>
      )}
    </>
  );
}

/** A page, from as many answers as it takes: the service looks at a bounded part of the list in each. */
async function found(q: string, tag: string, state: string, after: string): Promise<Page> {
  const items: Page["items"] = [];
  let cursor = after;
  for (let asked = 0; asked < MOST_ASKED; asked += 1) {
    const page = await body(
      api.GET("/v1/pipelines", {
        params: {
          query: {
            limit: PAGE - items.length,
            ...(q !== "" && { q }),
            ...(tag !== "" && { tag: [tag] }),
            ...(STATES.includes(state as State) && { state: [state as State] }),
            ...(cursor !== "" && { cursor }),
          },
        },
      }),
    );
    items.push(...page.items);
    cursor = page.nextCursor ?? "";
    if (cursor === "" || items.length === PAGE) {
      break;
    }
  }
  return cursor === "" ? { items } : { items, nextCursor: cursor };
}

/** While something else is asked for, what was there last: a list that vanishes at every letter cannot be read. */
function useLast<T>(of: Loaded<T>): Loaded<T> {
  const last = useRef<T>();
  if (of.value !== undefined) {
    last.current = of.value;
  }
  return { ...of, value: of.value ?? (of.failure === undefined ? last.current : undefined) };
}

function Search(props: { words: string; change: (words: string) => void }): JSX.Element {
  const [typed, setTyped] = useState(props.words);
  const asked = useRef(props.words);
  useEffect(() => {
    if (props.words !== asked.current) {
      asked.current = props.words; // by the address: a link, or the way back
      setTyped(props.words);
    }
  }, [props.words]);
  useEffect(() => {
    const words = typed.trim();
    if (words === asked.current) {
      return undefined;
    }
    const timer = setTimeout(() => {
      asked.current = words;
      props.change(words);
    }, SETTLED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label class="words">
      <span class="hidden">Search pipelines</span>
      <input
        type="search"
        placeholder="Search name, description, id"
        maxLength={256}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
    </label>
  );
}

function None(props: { narrowed: boolean; more: boolean }): JSX.Element {
  if (props.more) {
    return <Empty>Nothing so far matches; the next page looks further.</Empty>;
  }
  return <Empty>{props.narrowed ? "No pipeline matches." : "No pipelines yet. Make one here, or with the AWS CLI."}</Empty>;
}
