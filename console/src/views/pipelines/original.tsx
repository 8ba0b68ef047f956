/** Which pipeline to copy: found by words, then chosen. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, body } from "../../api/client";
import type { Pipeline } from "./outlooks";

const SETTLED_MILLISECONDS = 250;
const SHOWN = 8;

export function Original(props: { of: Pipeline | undefined; set: (pipeline: Pipeline | undefined) => void }): JSX.Element {
  const [words, setWords] = useState("");
  const [found, setFound] = useState<readonly Pipeline[]>([]);
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => {
      const query = { limit: SHOWN, ...(words.trim() !== "" && { q: words.trim() }) };
      body(api.GET("/v1/pipelines", { params: { query } })).then(
        (page) => setFound(page.items),
        (error: unknown) => setFault(String(error)),
      );
    }, SETTLED_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [words]);
  if (props.of !== undefined) {
    return (
      <p class="original">
        A copy of <strong>{props.of.name}</strong> <span class="faint id">{props.of.pipelineId}</span>{" "}
        <button type="button" onClick={() => props.set(undefined)}>
          Choose another
        </button>
      </p>
    );
  }
  return (
    <div class="field">
      <label for="original">Pipeline to copy</label>
      <input id="original" type="search" placeholder="Search name, description, id" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
      <ul class="originals" aria-label="Pipelines that match">
        {found.map((each) => (
          <li key={each.pipelineId}>
            <button type="button" onClick={() => props.set(each)}>
              {each.name} <span class="faint id">{each.pipelineId}</span>
            </button>
          </li>
        ))}
      </ul>
      {fault !== undefined && <p class="fault">{fault}</p>}
    </div>
  );
}
