/** A definition file, chosen or dropped, and what the service finds in it before anything is made. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, body, type Finding } from "../../api/client";
import type { components } from "../../api/schema";

type Definition = components["schemas"]["Definition"];

export interface GivenFile {
  name: string;
  definition: Definition;
  findings: readonly Finding[];
}

const MOST_SHOWN = 20;

export function FileField(props: { of: GivenFile | undefined; set: (file: GivenFile) => void }): JSX.Element {
  const [fault, setFault] = useState<string>();
  const [over, setOver] = useState(false);

  async function take(given: File | undefined): Promise<void> {
    if (given === undefined) {
      return;
    }
    setFault(undefined);
    try {
      props.set(await read(given));
    } catch (error) {
      setFault(`${given.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return (
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      <label>
        Definition file{" "}
        <input type="file" accept=".json,application/json" onChange={(event) => void take(event.currentTarget.files?.[0])} />
      </label>
      <p class="faint">The JSON of the AWS CLI. Choose it, or drop it here.</p>
      {fault !== undefined && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {props.of !== undefined && fault === undefined && <Found of={props.of} />}
    </div>
  );
}

async function read(given: File): Promise<GivenFile> {
  let definition: Definition;
  try {
    definition = JSON.parse(await given.text()) as Definition;
  } catch (error) {
    throw new Error(`this is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const judged = await body(api.POST("/v1/definitions/validate", { body: definition }));
  return { name: given.name, definition, findings: judged.findings };
}

function Found(props: { of: GivenFile }): JSX.Element {
  const { of } = props;
  const errors = of.findings.filter((each) => each.severity === "error").length;
  return (
    <div role="status">
      <p>
        <strong>{of.name}</strong>, {of.definition.objects.length} objects:{" "}
        {errors === 0 ? "no errors." : `${errors} ${errors === 1 ? "error" : "errors"}, which you can correct in the editor.`}
      </p>
      <ul class="findings">
        {of.findings.slice(0, MOST_SHOWN).map((each, at) => (
          <li key={at} class={each.severity === "error" ? "bad" : "waiting"}>
            {each.objectId !== undefined && <strong>{each.objectId}: </strong>}
            {each.message}
          </li>
        ))}
      </ul>
      {of.findings.length > MOST_SHOWN && <p class="faint">And {of.findings.length - MOST_SHOWN} more.</p>}
    </div>
  );
}
