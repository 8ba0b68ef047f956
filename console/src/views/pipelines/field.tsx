/** One field of a form: its name, its help, and what is wrong with it once somebody has been there. */
import type { ComponentChildren, JSX } from "preact";

export interface Described {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

export function Field(props: { id: string; name: string; help?: string; fault?: string | undefined; children: (described: Described) => ComponentChildren }): JSX.Element {
  const { id, fault } = props;
  return (
    <div class="field">
      <label for={id}>{props.name}</label>
      {props.children({ id, "aria-describedby": `${id}-help ${id}-fault`, "aria-invalid": fault !== undefined })}
      <small id={`${id}-help`} class="faint">
        {props.help}
      </small>
      <small id={`${id}-fault`} class="fault" aria-live="polite">
        {fault}
      </small>
    </div>
  );
}
