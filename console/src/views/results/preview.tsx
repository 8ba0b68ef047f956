/** What can be seen of an instance's data: of a data node its first rows, of an activity ways to its data nodes. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toInstance, toResults } from "../../parts/address";
import { Show, useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { useAddress } from "./picture";
import "./results.css";

type Found = components["schemas"]["Preview"];
type Listed = NonNullable<Found["objects"]>[number];

/** `on` changes when it may have changed: asked anew then, and not otherwise, since each look is a request to storage. */
export function Preview(props: { pipeline: string; instance: string; on?: string }): JSX.Element | null {
  const [object, setObject] = useState<string>();
  const path = { pipelineId: props.pipeline, instanceId: props.instance };
  const found = useLoaded(
    () =>
      body(
        api.GET("/v1/pipelines/{pipelineId}/instances/{instanceId}/preview", {
          params: { path, query: object === undefined ? {} : { object } },
        }),
      ),
    [props.pipeline, props.instance, object, props.on],
  );
  if (found.value?.kind === "nodes" && found.value.nodes?.length === 0 && found.value.hasResults !== true) {
    return null;
  }
  return (
    <section class="preview" aria-label="Data">
      <h2>Data</h2>
      <Show of={found} what="data">
        {(seen) => (seen.kind === "nodes" ? <Nodes of={seen} {...props} /> : <Seen of={seen} choose={setObject} />)}
      </Show>
    </section>
  );
}

function Nodes(props: { pipeline: string; instance: string; of: Found }): JSX.Element {
  return (
    <ul class="preview-objects">
      {props.of.hasResults === true && (
        <li>
          <Link class="button" href={toResults(props.pipeline, props.instance)}>
            Results: what the model saw
          </Link>
        </li>
      )}
      {props.of.nodes?.map((each) => (
        <li key={`${each.side} ${each.instanceId}`}>
          <span class="faint">{each.side === "input" ? "reads" : "writes"}</span>{" "}
          <Link href={toInstance(props.pipeline, each.instanceId)}>{each.componentId}</Link> <span class="faint">{each.type}</span>
        </li>
      ))}
    </ul>
  );
}

function Seen(props: { of: Found; choose: (name: string) => void }): JSX.Element {
  const { of } = props;
  return (
    <>
      <p class="where">
        <span class="code">{`${of.place ?? ""}${of.object ?? ""}`}</span>
        {of.more === true && <span class="faint"> Its beginning: it goes on.</span>}
      </p>
      {of.objects !== undefined && of.objects.length > 1 && <Objects of={of} choose={props.choose} />}
      {of.told !== undefined && <p class="told">{of.told}</p>}
      {of.kind === "rows" && (of.rows?.length ?? 0) > 0 && <Rows of={of} />}
      {of.kind === "text" && (
        <pre tabIndex={0} aria-label="Text">
          {of.text}
        </pre>
      )}
      {of.kind === "picture" && <Shot of={of} />}
    </>
  );
}

function Objects(props: { of: Found; choose: (name: string) => void }): JSX.Element {
  const { of } = props;
  const objects: readonly Listed[] = of.objects ?? [];
  const chosen = objects.find((each) => each.name === of.object);
  return (
    <p class="chosen">
      <label>
        Object{" "}
        <select value={of.object} onChange={(event) => props.choose(event.currentTarget.value)}>
          {objects.map((each) => (
            <option key={each.name} value={each.name} disabled={each.sizeBytes === 0}>
              {each.name === "" ? "(the directory's mark)" : each.name}
            </option>
          ))}
        </select>
      </label>
      <span class="faint">
        of {objects.length}
        {of.moreObjects === true && " and more"}
      </span>
      {chosen !== undefined && (
        <span class="faint">
          {chosen.sizeBytes.toLocaleString()} bytes, <Moment at={chosen.modifiedAt} />
        </span>
      )}
    </p>
  );
}

function Rows(props: { of: Found }): JSX.Element {
  const { rows = [], columns = [] } = props.of;
  const names = columns.length > 0 ? columns : (rows[0] ?? []).map((_, place) => `${place + 1}`);
  return (
    <div class="scroll rows" tabIndex={0} role="region" aria-label="First rows">
      <table>
        <thead>
          <tr>
            {names.map((name, place) => (
              <th key={place} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr key={number}>
              {row.map((cell, place) => (
                <td key={place}>{cell ?? <span class="faint">null</span>}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Shot(props: { of: Found }): JSX.Element | null {
  const address = useAddress(props.of.picture);
  return address === undefined ? null : <img class="shot" src={address} alt={`The picture ${props.of.object ?? props.of.place ?? ""}`} />;
}
