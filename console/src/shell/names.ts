/** Names of pipelines, for showing where one is: each is asked for once. */
import { signal } from "@preact/signals";
import { api, body } from "../api/client";

const names = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();

/** The pipeline's name; its id until that is known, or when there is no such pipeline. */
export function nameOf(id: string): string {
  if (!asked.has(id)) {
    asked.add(id);
    void ask(id);
  }
  return names.value.get(id) ?? id;
}

async function ask(id: string): Promise<void> {
  try {
    const found = await body(api.GET("/v1/pipelines/{pipelineId}", { params: { path: { pipelineId: id } } }));
    names.value = new Map([...names.value, [id, found.name]]);
  } catch {
    asked.delete(id); // the view says what is wrong
  }
}
