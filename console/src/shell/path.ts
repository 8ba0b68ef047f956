/** Addresses taken apart. */
import { decoded } from "../parts/hash";

/** The pipeline whose views the address is among. */
export function pipelineOf(path: string): string | undefined {
  const [, noun, pipeline] = path.split("/");
  return noun === "pipelines" && pipeline !== undefined && pipeline !== "" ? decoded(pipeline) : undefined;
}
