/** What can be done to a whole pipeline: activate, deactivate, edit what it is called by, copy, delete. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { api, body } from "../../api/client";
import { toCreate, toPipelines } from "../../parts/address";
import { Door } from "../../parts/door";
import { utcSecond } from "../../parts/moment";
import { Order } from "../../parts/order";
import { refusedFor } from "../../session/session";
import { Field } from "./field";
import { refusedFields } from "./making";
import type { Pipeline } from "./outlooks";
import { GROUP_TAG, TagFields, rowsOf, tagsOf, type TagRows } from "./tagfields";
import "./create.css";

/** What it is called by, copies of it, and its end. */
export function Keeping(props: { of: Pipeline; done: () => void }): JSX.Element {
  const { of, done } = props;
  const path = { pipelineId: of.pipelineId };
  const [, go] = useLocation();
  return (
    <>
      <Edit of={of} done={done} />
      <Door to={toCreate(of.pipelineId)} scope="penstock/write">
        Clone
      </Door>
      <Order
        name="Delete"
        scope="penstock/write"
        dangerous
        typed={of.name}
        follows={
          <>
            <p>What runs is cancelled and its machines are terminated. Definition, versions, runs and events are forgotten.</p>
            <p>There is no way back. What it wrote to S3, tables and databases stays.</p>
          </>
        }
        act={() => body(api.DELETE("/v1/pipelines/{pipelineId}", { params: { path } }))}
        done={() => go(toPipelines())}
      />
    </>
  );
}

export function Activate(props: { of: Pipeline; done: () => void; follows: string }): JSX.Element {
  const { of } = props;
  const [start, setStart] = useState("");
  const path = { pipelineId: of.pipelineId };
  return (
    <Order
      name="Activate"
      follows={
        <>
          <p>{props.follows}</p>
          <label class="typed">
            Begin with the interval at (may be left open)
            <input type="datetime-local" step={1} value={start} onInput={(event) => setStart(event.currentTarget.value)} />
          </label>
        </>
      }
      act={() =>
        body(
          api.POST("/v1/pipelines/{pipelineId}/activate", {
            params: { path },
            body: start === "" ? {} : { startTimestamp: utcSecond(start) },
          }),
        )
      }
      done={props.done}
    />
  );
}

export function Deactivate(props: { of: Pipeline; done: () => void }): JSX.Element {
  const [cancels, setCancels] = useState(true);
  const path = { pipelineId: props.of.pipelineId };
  return (
    <Order
      name="Deactivate"
      follows={
        <>
          <p>Nothing more begins until it is activated again; it then goes on where it stopped.</p>
          <label class="check">
            <input type="checkbox" checked={cancels} onChange={(event) => setCancels(event.currentTarget.checked)} /> Cancel what runs now
          </label>
          <p class="faint">{cancels ? "What was cancelled runs again after the next activation." : "What runs ends first."}</p>
        </>
      }
      act={() => body(api.POST("/v1/pipelines/{pipelineId}/deactivate", { params: { path }, body: { cancelActive: cancels } }))}
      done={props.done}
    />
  );
}

interface Edited {
  etag: string;
  group: string | undefined;
  description: string;
  tags: TagRows;
}

function Edit(props: { of: Pipeline; done: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [edited, setEdited] = useState<Edited>();
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  const [busy, setBusy] = useState(false);
  const denied = refusedFor("penstock/write");
  const path = { pipelineId: props.of.pipelineId };

  async function open(): Promise<void> {
    setRefused({});
    setEdited(undefined);
    dialog.current?.showModal();
    try {
      const asked = api.GET("/v1/pipelines/{pipelineId}", { params: { path } });
      const found = await body(asked);
      const etag = (await asked).response.headers.get("etag") ?? "";
      setEdited({ etag, group: found.tags[GROUP_TAG], description: found.description ?? "", tags: rowsOf(found.tags) });
    } catch (error) {
      setRefused(refusedFields(error));
    }
  }

  async function save(given: Edited): Promise<void> {
    setBusy(true);
    setRefused({});
    const tags = { ...tagsOf(given.tags), ...(given.group !== undefined && { [GROUP_TAG]: given.group }) };
    try {
      const params = { path, header: { "If-Match": given.etag } };
      await body(api.PATCH("/v1/pipelines/{pipelineId}", { params, body: { description: given.description, tags } }));
      dialog.current?.close();
      props.done();
    } catch (error) {
      setRefused(refusedFields(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <button type="button" disabled={denied !== undefined} title={denied} onClick={() => void open()}>
        Edit
      </button>
      <dialog ref={dialog} aria-label="Edit description and tags">
        <h2>Description and tags</h2>
        {Object.values(refused).map((words) => (
          <p key={words} class="failure" role="alert">
            {words}
          </p>
        ))}
        {edited === undefined ? (
          Object.keys(refused).length === 0 && <p class="loading">Loading …</p>
        ) : (
          <form
            class="form"
            onSubmit={(event) => {
              event.preventDefault();
              if (!busy) {
                void save(edited);
              }
            }}
          >
            <Field id="edit-description" name="Description">
              {(described) => (
                <textarea {...described} rows={3} maxLength={1024} value={edited.description} onInput={(event) => setEdited({ ...edited, description: event.currentTarget.value })} />
              )}
            </Field>
            <TagFields of={edited.tags} set={(tags) => setEdited({ ...edited, tags })} />
            <div class="choices">
              <button type="button" onClick={() => dialog.current?.close()}>
                Leave it
              </button>
              <button type="submit" class="primary" aria-busy={busy}>
                Save
              </button>
            </div>
          </form>
        )}
      </dialog>
    </>
  );
}
