/** A new pipeline: from a definition file, or from a template with its parameters as a form. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { Refusal, api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { toDefinition } from "../../parts/address";
import { Show, useLoaded } from "../../parts/loaded";
import { draftOf } from "../definition/draft";

type Template = components["schemas"]["TemplateSummary"];
type Parameter = components["schemas"]["TemplateParameter"];
type Definition = components["schemas"]["Definition"];
type NewPipeline = components["schemas"]["NewPipeline"];

export function CreateView(): JSX.Element {
  const templates = useLoaded(() => body(api.GET("/v1/templates")), []);
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState("");
  const [file, setFile] = useState<{ name: string; definition: Definition }>();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [told, setTold] = useState<readonly string[]>([]);
  const [, go] = useLocation();

  async function take(given: File | undefined): Promise<void> {
    if (given === undefined) {
      return;
    }
    try {
      setFile({ name: given.name, definition: JSON.parse(await given.text()) as Definition });
      setName(name || given.name.replace(/\.json$/, ""));
      setTold([]);
    } catch (error) {
      setTold([`${given.name} is not JSON: ${error instanceof Error ? error.message : String(error)}`]);
    }
  }

  async function create(template: Template | undefined): Promise<void> {
    const wanted: NewPipeline = { name };
    if (template !== undefined) {
      const given = Object.entries(values).filter(([, value]) => value !== "");
      // The document has a shape for each template; this form is made from what the service says of the one chosen.
      wanted.template = { name: template.name, parameters: Object.fromEntries(given) } as NonNullable<NewPipeline["template"]>;
    }
    try {
      const made = await body(api.POST("/v1/pipelines", { params: { header: { "Idempotency-Key": crypto.randomUUID() } }, body: wanted }));
      if (file !== undefined && template === undefined) {
        await keep(made.pipelineId, file.definition);
      }
      go(toDefinition(made.pipelineId));
    } catch (error) {
      const findings = error instanceof Refusal ? error.findings.map((each) => `${each.objectId}: ${each.message}`) : [];
      setTold(findings.length > 0 ? findings : [error instanceof Error ? error.message : String(error)]);
    }
  }

  return (
    <>
      <h1>New pipeline</h1>
      <Show of={templates} what="templates">
        {(page) => {
          const template = page.items.find((each) => each.name === chosen);
          return (
            <form
              class="form"
              onSubmit={(event) => {
                event.preventDefault();
                void create(template);
              }}
            >
              <label>
                Name
                <input required maxLength={1024} value={name} onInput={(event) => setName(event.currentTarget.value)} />
              </label>
              <label>
                From
                <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
                  <option value="">a definition file, or nothing</option>
                  {page.items.map((each) => (
                    <option key={each.name} value={each.name}>
                      {each.title}
                    </option>
                  ))}
                </select>
              </label>
              {template === undefined ? (
                <div
                  class="drop"
                  onDragOver={(event) => event.preventDefault()}
                  onDrop={(event) => {
                    event.preventDefault();
                    void take(event.dataTransfer?.files[0]);
                  }}
                >
                  <label>
                    Definition file
                    <input type="file" accept=".json,application/json" onChange={(event) => void take(event.currentTarget.files?.[0])} />
                  </label>
                  <p class="faint">{file === undefined ? "Or drop it here. Without one, you write it in the editor." : `${file.name}, ${file.definition.objects?.length ?? 0} objects`}</p>
                </div>
              ) : (
                <>
                  <p>{template.description}</p>
                  {template.parameters.map((each) => (
                    <Input key={each.id} of={each} value={values[each.id] ?? ""} set={(value) => setValues({ ...values, [each.id]: value })} />
                  ))}
                </>
              )}
              {told.length > 0 && (
                <ul class="failure" role="alert">
                  {told.map((each) => (
                    <li key={each}>{each}</li>
                  ))}
                </ul>
              )}
              <div class="orders">
                <button type="submit" class="primary">
                  Create
                </button>
              </div>
            </form>
          );
        }}
      </Show>
    </>
  );
}

/** A file with faults is kept as far as it may be: the editor shows the rest. */
async function keep(id: string, definition: Definition): Promise<void> {
  try {
    await body(api.PUT("/v1/pipelines/{pipelineId}/definition", { params: { path: { pipelineId: id } }, body: definition }));
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) {
      throw error;
    }
    sessionStorage.setItem(draftOf(id), `${JSON.stringify(definition, null, 2)}\n`);
  }
}

function Input(props: { of: Parameter; value: string; set: (value: string) => void }): JSX.Element {
  const { of } = props;
  const shown = { value: props.value, required: of.required, "aria-describedby": `${of.id}-help` };
  return (
    <label>
      {of.description || of.id}
      {of.allowedValues.length > 0 ? (
        <select {...shown} onChange={(event) => props.set(event.currentTarget.value)}>
          <option value="">{of.default[0] ?? ""}</option>
          {of.allowedValues.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : (
        <input
          {...shown}
          type={of.secret ? "password" : "text"}
          inputMode={of.type === "Integer" ? "numeric" : of.type === "Double" ? "decimal" : "text"}
          pattern={of.type === "Integer" ? "-?[0-9]+" : of.type === "AWS::S3::ObjectKey" ? "s3://.+" : undefined}
          placeholder={of.default[0] ?? of.example ?? ""}
          autoComplete="off"
          onInput={(event) => props.set(event.currentTarget.value)}
        />
      )}
      <small id={`${of.id}-help`} class="faint">
        {[of.helpText, of.example && `For example ${of.example}`].filter(Boolean).join(" ")}
      </small>
    </label>
  );
}
