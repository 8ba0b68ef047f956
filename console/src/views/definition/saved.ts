/** Definitions as they are kept: read with their version, judged, saved over the version they were made from. */
import { Refusal, api, body, type Finding } from "../../api/client";
import type { components } from "../../api/schema";
import { laidOut } from "./layout";

export type Definition = components["schemas"]["Definition"];
export type Version = components["schemas"]["Version"];

/** A definition's text, and the validator of its version. */
export interface Saved {
  text: string;
  etag: string;
}

const NOTHING = '"0"';
const FIRST: Definition = { objects: [{ id: "Default", scheduleType: "ondemand" }] };

/** The latest version, or a first text for a pipeline that has none. */
export async function readLatest(pipeline: string): Promise<Saved> {
  try {
    return await readVersion(pipeline, "latest");
  } catch (error) {
    const version = error instanceof Refusal && error.status === 404 ? await latestOf(pipeline) : undefined;
    if (error instanceof Refusal && error.status === 404 && version === undefined) {
      return { text: laidOut(FIRST), etag: NOTHING };
    }
    throw error;
  }
}

export async function readVersion(pipeline: string, version: string): Promise<Saved> {
  const params = { path: { pipelineId: pipeline }, query: { version } };
  const asked = api.GET("/v1/pipelines/{pipelineId}/definition", { params });
  const definition = await body(asked);
  return { text: laidOut(definition), etag: (await asked).response.headers.get("etag") ?? "" };
}

/** The version that was saved last, and by whom. */
export async function latestOf(pipeline: string): Promise<Version | undefined> {
  const params = { path: { pipelineId: pipeline }, query: { limit: 1 } };
  return (await body(api.GET("/v1/pipelines/{pipelineId}/versions", { params }))).items[0];
}

/** What is wrong with the text, as far as the service can say. */
export async function judge(pipeline: string, text: string): Promise<readonly Finding[]> {
  const params = { path: { pipelineId: pipeline } };
  const definition = JSON.parse(text) as Definition;
  try {
    return (await body(api.POST("/v1/pipelines/{pipelineId}/definition/validate", { params, body: definition }))).findings;
  } catch (error) {
    return findingsOf(error);
  }
}

/** What a refusal found wrong. Throws the error on when it is about something else. */
export function findingsOf(error: unknown): readonly Finding[] {
  if (!(error instanceof Refusal) || error.status !== 400) {
    throw error;
  }
  if (error.findings.length > 0) {
    return error.findings;
  }
  return [{ ...(error.field === undefined ? {} : { field: error.field }), severity: "error", message: error.message }];
}

/** Save as the latest version, unless that is another than `etag` by now. */
export async function save(pipeline: string, text: string, etag: string): Promise<{ etag: string; findings: readonly Finding[] }> {
  const params = { path: { pipelineId: pipeline }, header: { "If-Match": etag } };
  const asked = api.PUT("/v1/pipelines/{pipelineId}/definition", { params, body: JSON.parse(text) as Definition });
  const { findings } = await body(asked);
  return { etag: (await asked).response.headers.get("etag") ?? "", findings };
}

export function isStale(error: unknown): boolean {
  return error instanceof Refusal && error.status === 412;
}
