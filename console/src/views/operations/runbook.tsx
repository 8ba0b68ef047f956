/** The words of an alarm's runbook. They come with the console; their Markdown is shown as text, never as markup. */
import type { JSX } from "preact";
import { decoded } from "../../parts/hash";
import { Show, useLoaded } from "../../parts/loaded";
import { blocksOf, type Block } from "./blocks";

const PAGES = import.meta.glob<string>("../../../../docs/runbooks/*.md", { query: "?raw", import: "default" });

export function RunbookView(props: { params: { name: string } }): JSX.Element {
  const name = decoded(props.params.name);
  const page = useLoaded(() => read(name), [name]);
  return (
    <>
      <Show of={page} what="runbook">
        {(text) => (
          <article class="runbook">
            {blocksOf(text).map((block, at) => (
              <Part key={at} of={block} />
            ))}
          </article>
        )}
      </Show>
    </>
  );
}

async function read(name: string): Promise<string> {
  const page = PAGES[`../../../../docs/runbooks/${name}.md`];
  if (page === undefined) {
    throw new Error(`There is no runbook of the name ${name}`);
  }
  return page();
}

function Part(props: { of: Block }): JSX.Element {
  const { of } = props;
  switch (of.kind) {
    case "title":
      return <h1>{of.text}</h1>;
    case "heading":
      return <h2>{of.text}</h2>;
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{of.text}</code>
        </pre>
      );
    case "items":
      return (
        <ul>
          {of.items.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      );
    case "text":
      return <p>{of.text}</p>;
  }
}
