/** A definition as text, with its faults marked where they stand. In a shadow root: there, styles obey the policy. */
import { autocompletion, completionKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, defaultHighlightStyle, foldGutter, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Finding } from "../../api/client";
import { fieldIn, placeOf } from "./places";

export default function Editor(props: {
  text: string;
  findings: readonly Finding[];
  readOnly: boolean;
  words: readonly string[];
  onChange: (text: string) => void;
}): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const root = host.current as HTMLDivElement;
    const shadow = root.shadowRoot ?? root.attachShadow({ mode: "open" });
    view.current = new EditorView({
      root: shadow,
      parent: shadow,
      state: EditorState.create({
        doc: props.text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          bracketMatching(),
          syntaxHighlighting(defaultHighlightStyle),
          json(),
          lintGutter(),
          autocompletion({ override: [(context) => completed(context, latest.current.words)] }),
          keymap.of([...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          EditorState.readOnly.of(props.readOnly),
          EditorView.contentAttributes.of({ "aria-label": "Definition" }),
          EditorView.theme({
            "&": { height: "min(34rem, 70vh)", fontSize: "13.5px", backgroundColor: "var(--card)", color: "var(--text)" },
            ".cm-scroller": { fontFamily: "ui-monospace, monospace" },
            ".cm-gutters": { backgroundColor: "var(--page)", color: "var(--faint)", borderColor: "var(--line)" },
            ".cm-content": { caretColor: "var(--text)" },
            ".cm-cursor": { borderLeftColor: "var(--text)" },
            ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--text)", borderColor: "var(--line)" },
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              latest.current.onChange(update.state.doc.toString());
            }
          }),
        ],
      }),
    });
    return () => view.current?.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor !== undefined && editor.state.doc.toString() !== props.text) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.text } });
    }
  }, [props.text]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== undefined) {
      editor.dispatch(setDiagnostics(editor.state, marks(editor.state.doc.toString(), props.findings)));
    }
  }, [props.findings]);

  return <div ref={host} class="editor" />;
}

function marks(text: string, findings: readonly Finding[]): Diagnostic[] {
  return findings.flatMap((each) => {
    const place = each.objectId === undefined ? undefined : placeOf(text, each.objectId, each.field ?? fieldIn(each.message));
    return place === undefined ? [] : [{ ...place, severity: each.severity === "error" ? "error" : "warning", message: each.message }];
  });
}

/** Names of types and fields, inside quotes. */
function completed(context: CompletionContext, words: readonly string[]): CompletionResult | null {
  const typed = context.matchBefore(/"[\w*]*/);
  return typed === null ? null : { from: typed.from + 1, options: words.map((label) => ({ label })), validFor: /^[\w*]*$/ };
}
