/** A new pipeline: of a template, a definition file, another pipeline, or nothing yet. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toDefinition, toPipeline } from "../../parts/address";
import { useNarrowing } from "../../parts/hash";
import { Show, useLoaded } from "../../parts/loaded";
import { groups, refusedFor } from "../../session/session";
import { faultsOf, type Parameter } from "./checks";
import { Field } from "./field";
import { FileField, type GivenFile } from "./file";
import { Keys, make, refusedFields, type Source } from "./making";
import { Original } from "./original";
import type { Pipeline } from "./outlooks";
import { Parameters } from "./parameters";
import { GROUP_TAG, TagFields, rowsOf, tagsOf, type TagRows } from "./tagfields";
import "./create.css";

type Template = components["schemas"]["TemplateSummary"];
type From = Source["from"];

const WAYS: readonly [From, string][] = [
  ["template", "A template"],
  ["file", "A definition file"],
  ["copy", "A copy of a pipeline"],
  ["nothing", "Nothing yet"],
];

export function CreateView(): JSX.Element {
  const [narrowing] = useNarrowing();
  const clone = narrowing.get("clone") ?? "";
  const start = useLoaded(() => begin(clone), [clone]);
  return (
    <>
      <h1>New pipeline</h1>
      <Show of={start} what={clone === "" ? "templates" : "pipeline"}>
        {({ templates, original }) => <Making templates={templates} original={original} />}
      </Show>
    </>
  );
}

async function begin(clone: string): Promise<{ templates: readonly Template[]; original: Pipeline | undefined }> {
  const [page, original] = await Promise.all([
    body(api.GET("/v1/templates", { params: { query: { limit: 100 } } })),
    clone === "" ? undefined : body(api.GET("/v1/pipelines/{pipelineId}", { params: { path: { pipelineId: clone } } })),
  ]);
  return { templates: page.items, original };
}

function Making(props: { templates: readonly Template[]; original: Pipeline | undefined }): JSX.Element {
  const [from, setFrom] = useState<From>(props.original === undefined ? "template" : "copy");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [tags, setTags] = useState<TagRows>([]);
  const [group, setGroup] = useState("");
  const [chosen, setChosen] = useState("");
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [file, setFile] = useState<GivenFile>();
  const [original, setOriginal] = useState<Pipeline>();
  const [version, setVersion] = useState<"latest" | "active">("latest");
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  const [submitted, setSubmitted] = useState(false);
  const [busy, setBusy] = useState(false);
  const keys = useRef(new Keys());
  const form = useRef<HTMLFormElement>(null);
  const [, go] = useLocation();
  const template = props.templates.find((each) => each.name === chosen);
  const denied = refusedFor("penstock/write");

  function copy(of: Pipeline | undefined): void {
    setOriginal(of);
    if (of !== undefined) {
      setName((now) => now || `${of.name} (copy)`);
      setDescription((now) => now || (of.description ?? ""));
      setTags((now) => (now.length > 0 ? now : rowsOf(of.tags)));
      setGroup(of.tags[GROUP_TAG] ?? "");
    }
  }
  useEffect(() => copy(props.original), [props.original]);

  const source = sourceOf();
  function sourceOf(): Source | string {
    switch (from) {
      case "template":
        return template === undefined ? "Choose a template" : { from, template, texts };
      case "file":
        return file === undefined ? "Choose a definition file" : { from, file };
      case "copy":
        return original === undefined ? "Choose a pipeline to copy" : { from, original, version };
      case "nothing":
        return { from };
    }
  }

  // Who is in one group or none chooses none: a copy is its original's group's, and nothing else is.
  const given = groups.value.length > 1 || from === "copy" ? group : "";
  const whose = given || (groups.value.length === 1 ? groups.value[0] : "");
  const missing: Record<string, string> = {
    ...(name.trim() === "" && { name: "Needs a name" }),
    ...(groups.value.length > 1 && group === "" && { group: "You are in several groups: choose whose pipeline this is" }),
    ...(typeof source === "string" && { source }),
    ...(from === "template" && template !== undefined && faultsOf(template.parameters as readonly Parameter[], texts)),
  };
  const faultAt = (field: string): string | undefined => (submitted && missing[field] !== undefined ? missing[field] : refused[field]);

  async function submit(): Promise<void> {
    setSubmitted(true);
    setRefused({});
    if (Object.keys(missing).length > 0 || typeof source === "string") {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true], input:invalid")?.focus());
      return;
    }
    setBusy(true);
    try {
      const wanted = { name: name.trim(), description, tags: tagsOf(tags), group: given, source };
      const made = await make(wanted, keys.current.of(wanted));
      go(made.edit ? toDefinition(made.pipelineId) : toPipeline(made.pipelineId));
    } catch (error) {
      setRefused(refusedFields(error));
      setBusy(false);
    }
  }

  const known = new Set(["name", "description", "tags", "group", ...(template?.parameters.map((each) => each.id) ?? [])]);
  const elsewhere = Object.entries(refused).filter(([field]) => !known.has(field));
  return (
    <form
      ref={form}
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) {
          void submit();
        }
      }}
    >
      <fieldset class="ways">
        <legend>Begin with</legend>
        {WAYS.map(([each, words]) => (
          <label key={each} class="check">
            <input type="radio" name="from" checked={from === each} onChange={() => setFrom(each)} /> {words}
          </label>
        ))}
      </fieldset>
      {from === "template" && (
        <Field id="template" name="Template" help={template?.description ?? ""} fault={faultAt("source")}>
          {(described) => (
            <select {...described} required value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
              <option value="">choose one</option>
              {props.templates.map((each) => (
                <option key={each.name} value={each.name}>
                  {each.title}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {from === "file" && (
        <FileField
          of={file}
          set={(given) => {
            setFile(given);
            setName((now) => now || given.name.replace(/\.json$/, ""));
          }}
        />
      )}
      {from === "copy" && <Original of={original} set={copy} />}
      {from === "copy" && original?.activeVersion !== undefined && (
        <Field id="version" name="Definition">
          {(described) => (
            <select {...described} value={version} onChange={(event) => setVersion(event.currentTarget.value as "latest" | "active")}>
              <option value="latest">the latest</option>
              <option value="active">the active one</option>
            </select>
          )}
        </Field>
      )}
      {(from === "file" || from === "copy") && faultAt("source") !== undefined && <p class="fault">{faultAt("source")}</p>}
      <Field id="name" name="Name" fault={faultAt("name")}>
        {(described) => <input {...described} required maxLength={1024} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      {from === "template" && template !== undefined && (
        <Parameters
          of={template.parameters as readonly Parameter[]}
          texts={texts}
          set={(id, text) => setTexts((now) => ({ ...now, [id]: text }))}
          refused={refused}
          submitted={submitted}
        />
      )}
      <Field id="description" name="Description" help="May be left open." fault={faultAt("description")}>
        {(described) => <textarea {...described} rows={2} maxLength={1024} value={description} onInput={(event) => setDescription(event.currentTarget.value)} />}
      </Field>
      <TagFields of={tags} set={setTags} />
      {refused.tags !== undefined && <p class="fault">{refused.tags}</p>}
      {groups.value.length > 1 ? (
        <Field id="group" name="Group" help="Its members alone will see the pipeline." fault={faultAt("group")}>
          {(described) => (
            <select {...described} required value={group} onChange={(event) => setGroup(event.currentTarget.value)}>
              <option value="">choose one</option>
              {groups.value.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
        </Field>
      ) : (
        whose !== "" && <p class="faint">Members of {groups.value.includes(whose ?? "") ? "your" : "the"} group {whose} alone will see it.</p>
      )}
      {elsewhere.length > 0 && (
        <ul class="failure" role="alert">
          {elsewhere.map(([field, words]) => (
            <li key={field}>{words}</li>
          ))}
        </ul>
      )}
      <div class="orders">
        <button type="submit" class="primary" disabled={denied !== undefined} title={denied} aria-busy={busy}>
          {busy ? "At it …" : "Create"}
        </button>
      </div>
    </form>
  );
}
