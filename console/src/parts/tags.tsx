/** The tags of a pipeline, each a link to the pipelines that bear it. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { toPipelines } from "./address";

export function Tags(props: { of: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <>
      {Object.entries(props.of).map(([key, value]) => (
        <Link class="tag" key={key} href={toPipelines({ tag: `${key}=${value}` })} title={`Pipelines tagged ${key}: ${value}`}>
          {key}
          {value && `: ${value}`}
        </Link>
      ))}
    </>
  );
}
