/** Intervals of the past to be run: what that would be and cost is shown before it is ordered. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toPipeline } from "../../parts/address";
import { Failure } from "../../parts/loaded";
import { Moment, utcSecond } from "../../parts/moment";
import { Order } from "../../parts/order";

type Preview = components["schemas"]["BackfillPreview"];
type Range = components["schemas"]["BackfillRequest"];

export function BackfillView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decodeURIComponent(props.params.pipeline);
  const path = { pipelineId: id };
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [downstream, setDownstream] = useState(false);
  const [found, setFound] = useState<{ range: Range; preview: Preview }>();
  const [failure, setFailure] = useState<Error>();
  const [told, setTold] = useState("");

  async function look(): Promise<void> {
    setTold("");
    setFound(undefined);
    setFailure(undefined);
    try {
      const range: Range = { from: utcSecond(from), to: utcSecond(to), downstream };
      const asked = api.POST("/v1/pipelines/{pipelineId}/backfills/preview", { params: { path }, body: range });
      setFound({ range, preview: await body(asked) });
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return (
    <>
      <p class="trail">
        <Link href={toPipeline(id)}>{id}</Link>
      </p>
      <h1>Backfill</h1>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <label>
          From, in your zone
          <input type="datetime-local" required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          To, in your zone
          <input type="datetime-local" required value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={downstream} onChange={(event) => setDownstream(event.currentTarget.checked)} />
          What depends on them, too
        </label>
        <div class="orders">
          <button type="submit" class="primary">
            Show what it would run
          </button>
        </div>
      </form>
      {failure !== undefined && <Failure error={failure} what="preview" />}
      {told !== "" && <p role="status">{told}</p>}
      {found !== undefined && (
        <>
          <Shown of={found.preview} />
          <div class="orders">
            <Order
              name="Start the backfill"
              follows={`${found.preview.instances} instances are run, as fast as the pipeline's limits permit.`}
              act={() =>
                body(
                  api.POST("/v1/pipelines/{pipelineId}/backfills", {
                    params: { path, header: { "Idempotency-Key": crypto.randomUUID() } },
                    body: found.range,
                  }),
                )
              }
              done={() => {
                setFound(undefined);
                setTold("Ordered. Its runs appear on the pipeline's page.");
              }}
            />
          </div>
        </>
      )}
    </>
  );
}

function Shown(props: { of: Preview }): JSX.Element {
  const { of } = props;
  return (
    <>
      <h2>
        {of.instances} instances, about ${of.estimate.usd.toPrecision(2)}
      </h2>
      {of.warnings.map((each) => (
        <p key={each}>{each}</p>
      ))}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Object</th>
              <th scope="col">Intervals</th>
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
      <h2>What the cost is made of</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Quantity</th>
              <th scope="col">US dollars</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {of.estimate.parts.map((each) => (
              <tr key={each.what}>
                <th scope="row">{each.what}</th>
                <td>
                  {each.quantity.toPrecision(3)} {each.unit}
                </td>
                <td>{each.usd.toPrecision(2)}</td>
                <td>{each.basis}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="faint">Left out: {of.estimate.leftOut.join("; ")}.</p>
    </>
  );
}
