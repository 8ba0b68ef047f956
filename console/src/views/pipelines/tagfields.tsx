/** Tags as rows of two fields each. The tag that says whose a pipeline is has a field of its own elsewhere. */
import type { JSX } from "preact";

export const GROUP_TAG = "penstock:group";
const MOST = 10;

export type TagRows = readonly (readonly [string, string])[];

export const rowsOf = (tags: Readonly<Record<string, string>>): TagRows => Object.entries(tags).filter(([key]) => key !== GROUP_TAG);
export const tagsOf = (rows: TagRows): Record<string, string> => Object.fromEntries(rows.filter(([key]) => key.trim() !== "").map(([key, value]) => [key.trim(), value]));

export function TagFields(props: { of: TagRows; set: (rows: TagRows) => void }): JSX.Element {
  const { of, set } = props;
  const change = (at: number, row: readonly [string, string]) => set(of.map((each, index) => (index === at ? row : each)));
  return (
    <fieldset class="tagfields">
      <legend>Tags</legend>
      {of.map(([key, value], at) => (
        <div key={at} class="pair">
          <input aria-label={`Key of tag ${at + 1}`} placeholder="key" maxLength={128} value={key} onInput={(event) => change(at, [event.currentTarget.value, value])} />
          <input aria-label={`Value of tag ${at + 1}`} placeholder="value" maxLength={256} value={value} onInput={(event) => change(at, [key, event.currentTarget.value])} />
          <button type="button" aria-label={`Remove tag ${key || at + 1}`} onClick={() => set(of.filter((_, index) => index !== at))}>
            ✕
          </button>
        </div>
      ))}
      {of.length < MOST && (
        <button type="button" onClick={() => set([...of, ["", ""]])}>
          Add a tag
        </button>
      )}
    </fieldset>
  );
}
