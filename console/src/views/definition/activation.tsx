/** Activating a definition: what follows and what changed is shown, values of parameters are asked for, then it is done. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Refusal, api, body, type Finding } from "../../api/client";
import type { components } from "../../api/schema";
import { Show, useLoaded } from "../../parts/loaded";
import { utcSecond } from "../../parts/moment";
import { refusedFor } from "../../session/session";
import type { Definition } from "./saved";
import { changesOf, isOnDemand, parametersOf, summaryOf, timesOf, type Asked } from "./words";

type Pipeline = components["schemas"]["Pipeline"];

export interface ActivationProps {
  pipeline: Pipeline;
  definition: Definition | undefined;
  errors: number;
  /** Whether what is in the editor has to be saved first; `save` does it and says whether it could. */
  unsaved: boolean;
  save: () => Promise<boolean>;
  done: () => void;
  refused: (findings: readonly Finding[]) => void;
}

export function Activation(props: ActivationProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const why = refusedFor("penstock/operate") ?? (props.definition === undefined ? "The text is not JSON yet" : undefined);
  return (
    <>
      <button
        type="button"
        disabled={why !== undefined}
        title={why}
        onClick={() => {
          setOpen(true);
          dialog.current?.showModal();
        }}
      >
        Activate
      </button>
      <dialog ref={dialog} aria-label="Activate" onClose={() => setOpen(false)}>
        {open && props.definition !== undefined && <Form {...props} definition={props.definition} close={() => dialog.current?.close()} />}
      </dialog>
    </>
  );
}

function Form(props: ActivationProps & { definition: Definition; close: () => void }): JSX.Element {
  const path = { pipelineId: props.pipeline.pipelineId };
  const asked = parametersOf(props.definition);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [start, setStart] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();

  async function activate(): Promise<void> {
    setBusy(true);
    setFailure(undefined);
    try {
      if (props.unsaved && !(await props.save())) {
        props.close();
        return;
      }
      const given = valuesOf(asked, values);
      await body(
        api.POST("/v1/pipelines/{pipelineId}/activate", {
          params: { path },
          body: { ...(start === "" ? {} : { startTimestamp: utcSecond(start) }), ...(given === undefined ? {} : { parameterValues: given }) },
        }),
      );
      props.close();
      props.done();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      if (error instanceof Refusal && error.findings.length > 0) {
        props.refused(error.findings);
      }
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void activate();
      }}
    >
      <h2>Activate {props.pipeline.name}?</h2>
      <ul class="follows">
        {props.unsaved && <li>What you changed is saved first.</li>}
        <li>{props.pipeline.activeVersion === undefined ? "It becomes active for the first time." : <Changed pipeline={props.pipeline} unsaved={props.unsaved} />}</li>
        {timesOf(props.definition).map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      {asked.map((each) => (
        <Value key={each.id} of={each} value={values[each.id] ?? ""} set={(text) => setValues({ ...values, [each.id]: text })} />
      ))}
      {!isOnDemand(props.definition) && (
        <label>
          Start schedules at, in your zone
          <input type="datetime-local" value={start} onInput={(event) => setStart(event.currentTarget.value)} />
          <span class="faint">Empty: where they stopped, or as the definition says.</span>
        </label>
      )}
      {props.errors > 0 && (
        <p class="failure">
          {props.errors} {props.errors === 1 ? "error forbids" : "errors forbid"} activation. Close this and correct them first.
        </p>
      )}
      {failure !== undefined && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      <div class="choices">
        <button type="button" onClick={props.close}>
          Leave it
        </button>
        <button type="submit" class="primary" disabled={busy || props.errors > 0}>
          {busy ? "At it …" : props.unsaved ? "Save and activate" : "Activate"}
        </button>
      </div>
    </form>
  );
}

/** What the last save changed against what runs now. */
function Changed(props: { pipeline: Pipeline; unsaved: boolean }): JSX.Element {
  const path = { pipelineId: props.pipeline.pipelineId, version: "active", other: "latest" };
  const found = useLoaded(
    () => body(api.GET("/v1/pipelines/{pipelineId}/versions/{version}/diff/{other}", { params: { path } })),
    [props.pipeline.pipelineId],
  );
  return (
    <Show of={found} what="the difference">
      {(difference) => {
        const summary = summaryOf(changesOf(difference));
        const beside = props.unsaved ? " beside what is not saved yet" : "";
        return <>{summary === "" ? `Nothing that is saved changed since the active version${beside}.` : `Since the active version: ${summary}${beside}.`}</>;
      }}
    </Show>
  );
}

function Value(props: { of: Asked; value: string; set: (text: string) => void }): JSX.Element {
  const { of } = props;
  const now = of.given.length > 0 ? of.given : of.fallback;
  const hint = now.length > 0 ? `Empty: ${now.join(", ")}` : of.optional ? "May be left empty" : "";
  const required = now.length === 0 && !of.optional;
  const taken = (event: { currentTarget: { value: string } }): void => props.set(event.currentTarget.value);
  return (
    <label>
      <span>
        <code>{of.id}</code> {of.says}
      </span>
      {of.allowed.length > 0 && !of.several ? (
        <select value={props.value} required={required} onChange={taken}>
          <option value="" />
          {of.allowed.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : of.several ? (
        <textarea rows={3} value={props.value} required={required} onInput={taken} />
      ) : (
        <input type={of.id.startsWith("*") ? "password" : "text"} autocomplete="off" value={props.value} required={required} onInput={taken} />
      )}
      <span class="faint">
        {of.type}
        {of.several ? ", one a line" : ""}. {hint}
      </span>
    </label>
  );
}

/** Only what was filled in; nothing at all when nothing was. */
function valuesOf(asked: readonly Asked[], values: Readonly<Record<string, string>>): Record<string, string | string[]> | undefined {
  const given = asked.flatMap((each): [string, string | string[]][] => {
    const text = values[each.id] ?? "";
    return text === "" ? [] : [[each.id, each.several ? text.split("\n").filter((line) => line !== "") : text]];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
