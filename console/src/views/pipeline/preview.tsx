/** What a backfill would run: how its intervals stand now, and what it costs with its parts. */
import type { JSX } from "preact";
import type { components } from "../../api/schema";
import { Empty } from "../../parts/loaded";
import { Moment, span } from "../../parts/moment";
import { Status } from "../../parts/status";

export type Preview = components["schemas"]["BackfillPreview"];

export function PreviewShown(props: { of: Preview }): JSX.Element {
  const { of } = props;
  if (of.instances === 0) {
    return (
      <>
        <Empty>No interval that was due begins in this range: nothing would run.</Empty>
        <Skipped of={of} />
      </>
    );
  }
  const all = standings(of);
  return (
    <section aria-label="Preview">
      <h2>{of.instances === 1 ? "1 instance" : `${of.instances} instances`} would run</h2>
      <dl class="facts">
        <div>
          <dt>About</dt>
          <dd class="cost">{dollars(of.estimate.usd)}</dd>
        </div>
        {of.estimate.seconds !== undefined && (
          <div>
            <dt>Takes at least</dt>
            <dd>{span(of.estimate.seconds)}</dd>
          </div>
        )}
        <div>
          <dt>As they stand now</dt>
          <dd>
            <Counts of={all} />
          </dd>
        </div>
      </dl>
      {of.warnings.map((each) => (
        <p key={each} class="warning">
          {each}
        </p>
      ))}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Object</th>
              <th scope="col">Intervals</th>
              <th scope="col">As they stand now</th>
              <th scope="col">First</th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {of.components.map((each) => (
              <tr key={each.componentId}>
                <th scope="row">{each.componentId}</th>
                <td>{each.intervals}</td>
                <td>
                  <Counts of={each.standings} />
                </td>
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
      <Skipped of={of} />
      <h3 class="parts-of-cost">What the cost is made of</h3>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Quantity</th>
              <th scope="col">Unit price</th>
              <th scope="col">US dollars</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {of.estimate.parts.map((each) => (
              <tr key={each.what}>
                <th scope="row">{each.what}</th>
                <td>
                  {rounded(each.quantity)} {each.quantity === 1 ? each.unit : `${each.unit}s`}
                </td>
                <td>{price(each.unitPrice)}</td>
                <td>{dollars(each.usd)}</td>
                <td>{each.basis}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {of.estimate.leftOut.length > 0 && <p class="faint">Left out: {of.estimate.leftOut.join("; ")}.</p>}
    </section>
  );
}

const REASONS: Readonly<Record<Preview["skipped"][number]["why"], string>> = {
  notDue: "not due yet: they run by themselves",
  afterEnd: "after the end of the schedule",
  live: "under way now: not begun a second time meanwhile",
  ordered: "ordered by an earlier backfill and still to begin: once for both",
};

/** What begins in the range and is left out, by reason. */
function Skipped(props: { of: Preview }): JSX.Element | null {
  const { skipped } = props.of;
  if (skipped.length === 0) {
    return null;
  }
  const reasons = [...new Set(skipped.map((each) => each.why))];
  return (
    <>
      <h3 id="skipped" class="parts-of-cost">What is skipped</h3>
      <ul aria-labelledby="skipped">
        {reasons.map((why) => {
          const found = skipped.filter((each) => each.why === why);
          const all = found.reduce((sum, each) => sum + each.intervals, 0);
          return (
            <li key={why}>
              <strong>{all === 1 ? "1 interval" : `${all} intervals`}</strong> {REASONS[why]}{" "}
              <span class="faint">({found.map((each) => `${each.componentId} ${each.intervals}`).join(", ")})</span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function standings(of: Preview): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const each of of.components) {
    for (const [status, number] of Object.entries(each.standings)) {
      found[status] = (found[status] ?? 0) + number;
    }
  }
  return found;
}

function Counts(props: { of: Readonly<Record<string, number>> }): JSX.Element {
  return (
    <span class="counts">
      {Object.entries(props.of).map(([status, number]) => (
        <span key={status}>
          {number} <Status of={status} />
        </span>
      ))}
    </span>
  );
}

/** Amounts down to millionths, with as few digits as say something. */
export function dollars(amount: number): string {
  if (amount === 0) {
    return "$0";
  }
  return amount < 0.000_001 ? "< $0.000001" : `$${plain(amount, amount < 1 ? 2 : 3)}`;
}

/** Of small units people know the price of a million. */
function price(each: number): string {
  return each > 0 && each < 0.001 ? `${dollars(each * 1_000_000)} a million` : dollars(each);
}

const rounded = (quantity: number): string => plain(quantity, 4);

function plain(amount: number, digits: number): string {
  return new Intl.NumberFormat("en-US", { maximumSignificantDigits: digits, useGrouping: false }).format(amount);
}
