/** What a timeline is narrowed to, kept in the address: statuses, a range of time, names of objects. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useNarrowing } from "../../parts/hash";
import { utcSecond } from "../../parts/moment";
import { markOf, toneOf } from "../../parts/status";
import type { Narrowed } from "./columns";

const STATUSES = [
  "FINISHED",
  "RUNNING",
  "WAITING_ON_DEPENDENCIES",
  "WAITING_FOR_RUNNER",
  "FAILED",
  "CASCADE_FAILED",
  "TIMEDOUT",
  "CANCELED",
  "SKIPPED",
] as const;

/** As the address says. */
export function useNarrowed(): [Narrowed, string] {
  const [found] = useNarrowing();
  const [status, from, to] = [found.get("status") ?? "", time(found.get("from")), time(found.get("to"))];
  const narrowed = useMemo(
    () => ({ statuses: status.split(",").filter((each) => (STATUSES as readonly string[]).includes(each)), from, to }),
    [status, from, to],
  );
  return [narrowed, found.get("object") ?? ""];
}

export function Filters(): JSX.Element {
  const [narrowed, object] = useNarrowed();
  const [, change] = useNarrowing();
  const chosen = new Set(narrowed.statuses);
  const any = chosen.size > 0 || narrowed.from !== undefined || narrowed.to !== undefined || object !== "";
  function toggle(status: string): void {
    const next = chosen.has(status) ? [...chosen].filter((each) => each !== status) : [...chosen, status];
    change({ status: next.join(",") });
  }
  return (
    <form class="filters" role="search" aria-label="Filter the timeline" onSubmit={(event) => event.preventDefault()}>
      <fieldset>
        <legend class="hidden">Statuses</legend>
        {STATUSES.map((status) => (
          <button key={status} type="button" class={`chip ${toneOf(status)}`} aria-pressed={chosen.has(status)} onClick={() => toggle(status)}>
            <span aria-hidden="true">{markOf(status)}</span> {status.replaceAll("_", " ").toLowerCase()}
          </button>
        ))}
      </fieldset>
      <label>
        Object
        <input type="search" value={object} placeholder="part of its id" onInput={(event) => change({ object: event.currentTarget.value }, true)} />
      </label>
      <label>
        From
        <input type="datetime-local" value={local(narrowed.from)} onChange={(event) => change({ from: given(event.currentTarget.value) })} />
      </label>
      <label>
        To
        <input type="datetime-local" value={local(narrowed.to)} onChange={(event) => change({ to: given(event.currentTarget.value) })} />
      </label>
      {any && (
        <button type="button" onClick={() => change({ status: "", from: "", to: "", object: "" })}>
          Show all
        </button>
      )}
    </form>
  );
}

function given(text: string): string {
  return text === "" ? "" : utcSecond(text);
}

/** A time of the address, if it is one. */
function time(text: string | null): string | undefined {
  return text === null || Number.isNaN(Date.parse(text)) ? undefined : `${new Date(text).toISOString().slice(0, 19)}Z`;
}

/** A moment as an input of local time has it. */
export function local(at: string | undefined): string {
  if (at === undefined) {
    return "";
  }
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
