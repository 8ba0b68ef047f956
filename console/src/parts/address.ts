/** Links: every view has one of its own. Behind the hash, so that any gateway's path will do. */
import { query, type Narrowing } from "./hash";

const part = encodeURIComponent;

export const toPipelines = (of: Narrowing = {}): string => `/${query(of)}`;
export const toPipeline = (id: string): string => `/pipelines/${part(id)}`;
export const toRun = (id: string, run: string): string => `/pipelines/${part(id)}/runs/${part(run)}`;
export const toInstance = (id: string, instance: string): string => `/pipelines/${part(id)}/instances/${part(instance)}`;
export const toResults = (id: string, instance: string): string => `${toInstance(id, instance)}/results`;
export const toDefinition = (id: string): string => `/pipelines/${part(id)}/definition`;
/** `cloneOf`: the pipeline that the form begins with a copy of. */
export const toCreate = (cloneOf?: string): string => `/new${query({ clone: cloneOf })}`;
export const toVersions = (id: string): string => `${toDefinition(id)}/versions`;
export const toDifference = (id: string, before: string, after: string): string => `${toVersions(id)}/${part(before)}/${part(after)}`;
export const toEvents = (id: string): string => `/pipelines/${part(id)}/events`;
export const toBackfill = (id: string): string => `/pipelines/${part(id)}/backfill`;
export const toOperations = (): string => "/operations";
export const toRunbook = (name: string): string => `/operations/runbooks/${part(name)}`;
export const toRunners = (): string => "/runners";
