/** A pipeline's definition: edited, judged as one types, saved unless somebody else did, activated. */
import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { Refusal, api, body, type Finding } from "../../api/client";
import type { components } from "../../api/schema";
import { toPipeline } from "../../parts/address";
import { Show, useLoaded } from "../../parts/loaded";
import { Order } from "../../parts/order";
import { draftOf } from "./draft";
import { scopes } from "../../session/session";

type Definition = components["schemas"]["Definition"];
const Editor = lazy(() => import("./editor"));
const PAUSE_MILLISECONDS = 500;

interface Saved {
  text: string;
  etag: string;
}

export function DefinitionView(props: { params: { pipeline: string } }): JSX.Element {
  const id = decodeURIComponent(props.params.pipeline);
  const saved = useLoaded(() => read(id), [id]);
  return (
    <>
      <p class="trail">
        <Link href={toPipeline(id)}>{id}</Link>
      </p>
      <h1>Definition</h1>
      <Show of={saved} what="definition">
        {(found) => <Draft pipeline={id} saved={found} again={saved.again} />}
      </Show>
    </>
  );
}

async function read(id: string): Promise<Saved> {
  const asked = api.GET("/v1/pipelines/{pipelineId}/definition", { params: { path: { pipelineId: id } } });
  const definition = await body(asked);
  return { text: `${JSON.stringify(definition, null, 2)}\n`, etag: (await asked).response.headers.get("etag") ?? "" };
}

function Draft(props: { pipeline: string; saved: Saved; again: () => void }): JSX.Element {
  const path = { pipelineId: props.pipeline };
  const [text, setText] = useState(() => sessionStorage.getItem(draftOf(props.pipeline)) ?? props.saved.text);
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const [told, setTold] = useState("");
  const [etag, setEtag] = useState(props.saved.etag);
  const [unchanged, setUnchanged] = useState(props.saved.text);
  const broken = useMemo(() => faultOf(text), [text]);
  const words = useMemo(() => [...new Set([...text.matchAll(/"([\w*]+)"\s*:/g)].map((match) => match[1] as string))].sort(), [text]);

  useEffect(() => {
    if (broken !== undefined) {
      return undefined;
    }
    const timer = setTimeout(() => {
      judge(path, JSON.parse(text) as Definition).then(setFindings, (error: unknown) => setTold(said(error)));
    }, PAUSE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [text, broken]);

  async function save(): Promise<void> {
    setTold("");
    try {
      const asked = api.PUT("/v1/pipelines/{pipelineId}/definition", {
        params: { path, header: { "If-Match": etag } },
        body: JSON.parse(text) as Definition,
      });
      const judged = await body(asked);
      setEtag((await asked).response.headers.get("etag") ?? "");
      setFindings(judged.findings);
      setUnchanged(text);
      sessionStorage.removeItem(draftOf(props.pipeline));
      setTold(judged.valid ? "Saved." : "Saved, with errors that forbid activation.");
    } catch (error) {
      setTold(said(error));
      setFindings(error instanceof Refusal && error.findings.length > 0 ? error.findings : findings);
    }
  }

  const errors = findings.filter((each) => each.severity === "error").length;
  const mayWrite = scopes.value.has("penstock/write");
  return (
    <>
      <Suspense fallback={<p class="loading">Loading the editor …</p>}>
        <Editor text={text} findings={findings} readOnly={!mayWrite} words={words} onChange={setText} />
      </Suspense>
      <div class="orders">
        <button type="button" class="primary" disabled={!mayWrite || broken !== undefined || text === unchanged} onClick={() => void save()}>
          Save
        </button>
        <Order
          name="Activate"
          follows="The definition as saved becomes the active one, and its schedule starts, or goes on."
          act={async () => {
            await body(api.POST("/v1/pipelines/{pipelineId}/activate", { params: { path }, body: {} }));
            setTold("Activated.");
          }}
          done={props.again}
        />
        <span role="status">{told}</span>
      </div>
      <h2>
        {broken !== undefined
          ? "Not JSON yet"
          : errors > 0
            ? `${errors} ${errors === 1 ? "error" : "errors"}`
            : findings.length > 0
              ? `${findings.length} ${findings.length === 1 ? "warning" : "warnings"}`
              : "No faults"}
      </h2>
      {broken !== undefined && <p class="faint">{broken}</p>}
      <ul class="findings">
        {findings.map((each) => (
          <li key={`${each.objectId} ${each.message}`}>
            <span class={`status ${each.severity === "error" ? "bad" : "waiting"}`}>{each.severity}</span> <code>{each.objectId}</code>{" "}
            {each.message}
          </li>
        ))}
      </ul>
    </>
  );
}

async function judge(path: { pipelineId: string }, definition: Definition): Promise<readonly Finding[]> {
  try {
    return (await body(api.POST("/v1/pipelines/{pipelineId}/definition/validate", { params: { path }, body: definition }))).findings;
  } catch (error) {
    if (error instanceof Refusal && error.status === 400) {
      return error.findings.length > 0 ? error.findings : [{ objectId: error.field ?? "", severity: "error", message: error.message }];
    }
    throw error;
  }
}

function said(error: unknown): string {
  if (error instanceof Refusal && error.status === 412) {
    return "Somebody else saved meanwhile. Copy your text, reload, and put your change into theirs.";
  }
  return error instanceof Error ? error.message : String(error);
}

function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return undefined;
}
