/** What pipelines cost by day: the dearest first, as far as the listing has been read. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toPipeline } from "../../parts/address";
import { Empty, Failure } from "../../parts/loaded";

type Cost = components["schemas"]["PipelineCost"];

const PAGE = 100;
const SHOWN = 20;
const DAYS = 14;
const DAY_MILLISECONDS = 86_400_000;
const DOLLARS = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", maximumSignificantDigits: 3 });

export function Costs(): JSX.Element {
  const [costs, setCosts] = useState<readonly Cost[]>([]);
  const [read, setRead] = useState(false);
  const [failure, setFailure] = useState<Error>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let left = false;
    setCosts([]);
    setRead(false);
    setFailure(undefined);
    void readAll((items) => left || setCosts((now) => [...now, ...items]), () => left).then(
      () => left || setRead(true),
      (error: unknown) => left || setFailure(error instanceof Error ? error : new Error(String(error))),
    );
    return () => {
      left = true;
    };
  }, [turn]);
  const dearest = [...costs].sort((one, other) => other.usd - one.usd);
  const days = lastDays();
  return (
    <>
      {failure !== undefined && <Failure error={failure} what="costs" again={() => setTurn(turn + 1)} />}
      {!read && failure === undefined && (
        <p class="loading" role="status">
          Adding up … {costs.length} pipelines so far
        </p>
      )}
      {read && costs.length === 0 && <Empty>No pipeline has cost anything in the last {DAYS} days.</Empty>}
      {costs.length > 0 && (
        <>
          <Days of={costs} days={days} />
          <div class="scroll">
            <table aria-label="Cost by pipeline">
              <thead>
                <tr>
                  <th scope="col">Pipeline</th>
                  <th scope="col">{DAYS} days</th>
                  <th scope="col">Today</th>
                  <th scope="col">Yesterday</th>
                </tr>
              </thead>
              <tbody>
                {dearest.slice(0, SHOWN).map((each) => (
                  <tr key={each.pipelineId}>
                    <th scope="row" class="long">
                      <Link href={toPipeline(each.pipelineId)}>{each.name}</Link>
                    </th>
                    <td>{DOLLARS.format(each.usd)}</td>
                    <td>{DOLLARS.format(on(each, days.at(-1)))}</td>
                    <td>{DOLLARS.format(on(each, days.at(-2)))}</td>
                  </tr>
                ))}
                {dearest.length > SHOWN && (
                  <tr>
                    <th scope="row">{dearest.length - SHOWN} others</th>
                    <td>{DOLLARS.format(dearest.slice(SHOWN).reduce((sum, each) => sum + each.usd, 0))}</td>
                    <td />
                    <td />
                  </tr>
                )}
              </tbody>
            </table>
          </div>
          <p class="faint">US dollars at list price: calls and function time of attempts that ended. Machines, clusters, models, storage and transfer are not in it. Days are of UTC.</p>
        </>
      )}
    </>
  );
}

/** A bar a day, with its sum. */
function Days(props: { of: readonly Cost[]; days: readonly string[] }): JSX.Element {
  const sums = props.days.map((day) => props.of.reduce((sum, each) => sum + on(each, day), 0));
  const most = Math.max(...sums, Number.MIN_VALUE);
  return (
    <ol class="days" aria-label="Cost by day">
      {props.days.map((day, at) => {
        const usd = sums[at] as number;
        return (
          <li key={day} title={`${day}: ${DOLLARS.format(usd)}`}>
            <span class="hidden">
              {day}: {DOLLARS.format(usd)}
            </span>
            <svg viewBox="0 0 20 60" width="20" height="60" aria-hidden="true">
              <rect x="2" width="16" rx="2" y={60 - (usd / most) * 60} height={(usd / most) * 60} />
            </svg>
            <span class="faint" aria-hidden="true">
              {day.slice(8)}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

async function readAll(take: (items: readonly Cost[]) => void, over: () => boolean): Promise<void> {
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor !== undefined && { cursor }) };
    const page = await body(api.GET("/v1/operations/costs", { params: { query } }));
    take(page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && !over());
}

const on = (cost: Cost, day: string | undefined): number => cost.days.find((each) => each.day === day)?.usd ?? 0;

function lastDays(): readonly string[] {
  return Array.from({ length: DAYS }, (_, at) => new Date(Date.now() - (DAYS - 1 - at) * DAY_MILLISECONDS).toISOString().slice(0, 10));
}
