/** Making a pipeline of what a form says. The same form sent twice makes one pipeline: it goes under one key. */
import { Refusal, api, body } from "../../api/client";
import type { components } from "../../api/schema";
import { draftOf } from "../definition/draft";
import { sentOf, type Parameter } from "./checks";
import type { GivenFile } from "./file";
import type { Pipeline } from "./outlooks";

type NewPipeline = components["schemas"]["NewPipeline"];
type Template = components["schemas"]["TemplateSummary"];

/** What the pipeline begins with. */
export type Source =
  | { from: "template"; template: Template; texts: Readonly<Record<string, string>> }
  | { from: "file"; file: GivenFile }
  | { from: "copy"; original: Pipeline; version: "latest" | "active" }
  | { from: "nothing" };

export interface Form {
  name: string;
  description: string;
  tags: Record<string, string>;
  group: string;
  source: Source;
}

/** A key for each different form. */
export class Keys {
  private text = "";
  private key = "";

  of(form: Form): string {
    const text = JSON.stringify(form);
    if (text !== this.text) {
      this.text = text;
      this.key = crypto.randomUUID();
    }
    return this.key;
  }
}

/** Where to go next: a pipeline that is whole, or one that the editor waits for. */
export interface Made {
  pipelineId: string;
  edit: boolean;
}

export async function make(form: Form, key: string): Promise<Made> {
  const { source } = form;
  const header = { "Idempotency-Key": key };
  const shared = { name: form.name, description: form.description, tags: form.tags, ...(form.group !== "" && { group: form.group }) };
  if (source.from === "copy") {
    const params = { path: { pipelineId: source.original.pipelineId }, header };
    const made = await body(api.POST("/v1/pipelines/{pipelineId}/clone", { params, body: { ...shared, version: source.version } }));
    return { pipelineId: made.pipelineId, edit: false };
  }
  const wanted: NewPipeline = { ...shared };
  if (source.from === "template") {
    const parameters = sentOf(source.template.parameters as readonly Parameter[], source.texts);
    // The document has a shape for each template; this form is made from what the service says of the one chosen.
    wanted.template = { name: source.template.name, parameters } as NonNullable<NewPipeline["template"]>;
  }
  const made = await body(api.POST("/v1/pipelines", { params: { header }, body: wanted }));
  if (source.from === "file") {
    return { pipelineId: made.pipelineId, edit: !(await saved(made.pipelineId, source.file)) };
  }
  return { pipelineId: made.pipelineId, edit: source.from === "nothing" };
}

/** A file with faults is kept as far as it may be; what may not waits for its editor. Whether it was saved without errors. */
async function saved(id: string, file: GivenFile): Promise<boolean> {
  try {
    const judged = await body(api.PUT("/v1/pipelines/{pipelineId}/definition", { params: { path: { pipelineId: id } }, body: file.definition }));
    return judged.valid;
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) {
      throw error;
    }
    sessionStorage.setItem(draftOf(id), `${JSON.stringify(file.definition, null, 2)}\n`);
    return false;
  }
}

/** A refusal's words by the field they are about; those about none under "". */
export function refusedFields(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof Refusal)) {
    return { "": error instanceof Error ? error.message : String(error) };
  }
  if (error.findings.length > 0) {
    return Object.fromEntries(error.findings.map((each) => [each.objectId ?? "", each.message]));
  }
  const field = (error.field ?? "").replace(/^template\.parameters\./, "").replace(/\[\d+\]$/, "");
  return { [field]: error.message.replace(`${error.field}: `, "") };
}
