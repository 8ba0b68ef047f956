/** Addresses taken apart. People write addresses too: what is no good escape is taken as it stands. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The pipeline whose views the address is among. */
export function pipelineOf(path: string): string | undefined {
  const [, noun, pipeline] = path.split("/");
  return noun === "pipelines" && pipeline !== undefined && pipeline !== "" ? decoded(pipeline) : undefined;
}
