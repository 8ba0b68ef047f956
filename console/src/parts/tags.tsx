/** The tags of a pipeline. */
import type { JSX } from "preact";

export function Tags(props: { of: Readonly<Record<string, string>> }): JSX.Element {
  return (
    <>
      {Object.entries(props.of).map(([key, value]) => (
        <span class="tag" key={key}>
          {key}
          {value && `: ${value}`}
        </span>
      ))}
    </>
  );
}
