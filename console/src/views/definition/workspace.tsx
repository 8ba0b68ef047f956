/** A definition at work: judged as one types, saved unless somebody else did, evaluated, activated. Loaded when needed. */
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Finding } from "../../api/client";
import type { components } from "../../api/schema";
import { useLoaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";
import { refusedFor } from "../../session/session";
import { Activation } from "./activation";
import { readCatalogue } from "./catalogue";
import { dropDraft, keepDraft, readDraft } from "./draft";
import Editor, { type Control } from "./editor";
import { Faults } from "./faults";
import { Guard } from "./guard";
import { brokenAt, faultsOf } from "./places";
import { RunChoice } from "./runs";
import { findingsOf, isStale, judge, readLatest, save, type Definition, type Saved } from "./saved";
import { Stale } from "./stale";

const PAUSE_MILLISECONDS = 400;

export default function Workspace(props: { pipeline: components["schemas"]["Pipeline"]; saved: Saved; again: () => void }): JSX.Element {
  const id = props.pipeline.pipelineId;
  const waiting = useMemo(() => readDraft(id), [id]);
  const [text, setText] = useState(waiting?.text ?? props.saved.text);
  const [base, setBase] = useState(waiting?.base ?? props.saved.etag);
  const [kept, setKept] = useState(props.saved.text);
  const [savedAs, setSavedAs] = useState(props.saved.etag);
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  const [judged, setJudged] = useState<string>();
  const [told, setTold] = useState(waiting === undefined || waiting.text === props.saved.text ? "" : "This is your text that is not saved yet.");
  const [stale, setStale] = useState(false);
  const [run, setRun] = useState<string>();
  const control = useRef<Control>();
  const catalogue = useLoaded(readCatalogue, []).value;

  const broken = useMemo(() => brokenAt(text), [text]);
  // Not for every key: the editor moves its marks along, and a judgement follows soon.
  const faults = useMemo(() => (broken === undefined ? faultsOf(text, findings) : [broken]), [broken, findings]);
  const refusal = refusedFor("penstock/write");
  const mayWrite = refusal === undefined;
  const unsaved = text !== kept;
  const errors = faults.filter((each) => each.severity === "error").length;

  useEffect(() => {
    if (unsaved && mayWrite) {
      keepDraft(id, text, base);
    } else {
      dropDraft(id);
    }
  }, [text, kept, base]);

  useEffect(() => {
    if (broken !== undefined) {
      return undefined;
    }
    let left = false;
    const timer = setTimeout(() => {
      judge(id, text)
        .then((found) => left || setFindings(found))
        .catch((error: unknown) => left || setTold(said(error)))
        .finally(() => left || setJudged(text));
    }, PAUSE_MILLISECONDS);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [text, broken]);

  async function saveOver(etag: string): Promise<boolean> {
    setTold("");
    try {
      const saved = await save(id, text, etag);
      settle({ text, etag: saved.etag });
      setFindings(saved.findings);
      const wrong = saved.findings.some((each) => each.severity === "error");
      setTold(wrong ? "Saved, with errors that forbid its activation." : "Saved.");
      return true;
    } catch (error) {
      refused(error);
      return false;
    }
  }

  function refused(error: unknown): void {
    if (isStale(error)) {
      setStale(true);
      return;
    }
    setTold(said(error));
    try {
      setFindings(findingsOf(error));
    } catch {
      return; // it is not about the definition, and its words are shown
    }
  }

  /** This is what is saved; what was typed meanwhile stays. */
  function settle(saved: Saved): void {
    setKept(saved.text);
    setSavedAs(saved.etag);
    setBase(saved.etag);
    setStale(false);
  }

  function take(saved: Saved): void {
    settle(saved);
    control.current?.replace(saved.text);
  }

  /** Back to what is saved, also where the text was made from an older version. */
  function discard(): void {
    take({ text: kept, etag: savedAs });
    dropDraft(id);
  }

  async function activated(): Promise<void> {
    take(await readLatest(id)); // with the values that were given
    setTold("Activated.");
    props.again();
  }

  const maySave = mayWrite && broken === undefined && unsaved;
  return (
    <>
      <div class="orders toolbar" role="toolbar" aria-label="Definition">
        <button
          type="button"
          class="primary"
          disabled={!maySave}
          title={refusal ?? "Ctrl S"}
          onClick={() => void saveOver(base)}
        >
          Save
        </button>
        <Activation
          pipeline={props.pipeline}
          definition={broken === undefined ? (JSON.parse(text) as Definition) : undefined}
          errors={errors}
          unsaved={unsaved}
          save={() => saveOver(base)}
          done={() => void activated()}
          refused={setFindings}
        />
        <span class="between" />
        <button type="button" disabled={!mayWrite} title={refusal ?? "Ctrl Z"} onClick={() => control.current?.undo()}>
          Undo
        </button>
        <button type="button" disabled={!mayWrite} title={refusal ?? "Ctrl Y"} onClick={() => control.current?.redo()}>
          Redo
        </button>
        <button type="button" disabled={!mayWrite || broken !== undefined} title={refusal ?? "Shift Alt F"} onClick={() => control.current?.format()}>
          Format
        </button>
        <RunChoice pipeline={id} chosen={run} choose={setRun} />
        <button type="button" title="Ctrl I, or point at it" onClick={() => control.current?.explain()}>
          Explain
        </button>
      </div>
      <p class="standing" role="status">
        <span>{told !== "" ? told : unsaved ? "Not saved yet." : <Since etag={base} />}</span>
        {!mayWrite && <span>You may read it, not change it.</span>}
        {unsaved && mayWrite && (
          <button type="button" class="jump" onClick={discard}>
            Discard changes
          </button>
        )}
      </p>
      {stale && <Stale pipeline={id} text={text} overwrite={(etag) => void saveOver(etag)} take={take} />}
      <Editor
        text={text}
        faults={faults}
        readOnly={!mayWrite}
        catalogue={catalogue}
        chosen={{ pipeline: id, run }}
        onChange={setText}
        onSave={() => maySave && void saveOver(base)}
        ready={(ready) => (control.current = ready)}
      />
      <p class="faint keys">
        <kbd>Ctrl</kbd> <kbd>Space</kbd> completes, <kbd>Ctrl</kbd> <kbd>I</kbd> explains what the cursor is in, <kbd>F8</kbd> goes to the next fault.
      </p>
      <Faults of={faults} judging={broken === undefined && judged !== text} text={text} show={(place) => control.current?.show(place)} />
      <Guard unsaved={unsaved && mayWrite} discard={discard} />
    </>
  );
}

/** A version is numbered by its time, in microseconds. */
function Since(props: { etag: string }): JSX.Element {
  const version = Number(props.etag.replaceAll('"', ""));
  return version > 0 ? (
    <span class="faint">
      Saved <Moment at={new Date(version / 1000).toISOString()} />
    </span>
  ) : (
    <span class="faint">Nothing is saved yet.</span>
  );
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
