/** The parameters of a template as fields, each with its help, checked as one types. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { faultOf, type Parameter } from "./checks";
import { Field, type Described } from "./field";

export interface ParametersProps {
  of: readonly Parameter[];
  texts: Readonly<Record<string, string>>;
  set: (id: string, text: string) => void;
  /** What the service found, by parameter; and whether the form was submitted, so that every fault shows. */
  refused: Readonly<Record<string, string>>;
  submitted: boolean;
}

export function Parameters(props: ParametersProps): JSX.Element {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      {props.of.map((each) => {
        const text = props.texts[each.id] ?? "";
        const fault = faultOf(each, text);
        const shown = fault !== undefined && (props.submitted || left.has(each.id) || text !== "") ? fault : props.refused[each.id];
        return (
          <Field key={each.id} id={`parameter-${each.id}`} name={each.description || each.id} help={helpOf(each)} fault={shown}>
            {(described) => (
              <Input
                of={each}
                text={text}
                described={described}
                set={(given) => props.set(each.id, given)}
                left={() => setLeft((known) => new Set(known).add(each.id))}
              />
            )}
          </Field>
        );
      })}
    </>
  );
}

function helpOf(of: Parameter): string {
  const example = of.example !== undefined && of.example !== "" ? `For example ${of.example}.` : "";
  const many = of.isArray ? "One a line." : "";
  const open = of.required ? "" : of.default.length > 0 ? `Left open: ${of.default.join(", ")}.` : "May be left open.";
  return [of.helpText, example, many, open].filter(Boolean).join(" ");
}

interface InputProps {
  of: Parameter;
  text: string;
  described: Described;
  set: (text: string) => void;
  left: () => void;
}

function Input(props: InputProps): JSX.Element {
  const { of, text, described, set } = props;
  const shared = { ...described, required: of.required, onBlur: props.left };
  if (of.allowedValues.length > 0 && !of.isArray) {
    return (
      <select {...shared} value={text} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{of.default[0] ?? "choose one"}</option>
        {of.allowedValues.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    );
  }
  if (of.isArray) {
    return <textarea {...shared} rows={3} value={text} onInput={(event) => set(event.currentTarget.value)} />;
  }
  return (
    <input
      {...shared}
      type={of.secret ? "password" : "text"}
      inputMode={of.type === "Integer" ? "numeric" : of.type === "Double" ? "decimal" : "text"}
      placeholder={of.default[0] ?? ""}
      autoComplete={of.secret ? "new-password" : "off"}
      value={text}
      onInput={(event) => set(event.currentTarget.value)}
    />
  );
}
