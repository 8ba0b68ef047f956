/** The text of a definition. In a shadow root: there, styles obey the content security policy. Loaded when needed. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, foldKeymap, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, activateHover, closeHoverTooltips, hoverTooltip, keymap, lineNumbers, type Tooltip, type TooltipView } from "@codemirror/view";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Catalogue } from "./catalogue";
import { completed } from "./completion";
import { explained, type Chosen, type Explanation } from "./explanation";
import { formatted } from "./layout";
import type { Fault, Place } from "./places";
import { theme } from "./theme";

/** What the toolbar and the list of faults ask of the editor. */
export interface Control {
  /** Another text, as one step of undoing. */
  replace: (text: string) => void;
  show: (place: Place) => void;
  undo: () => void;
  redo: () => void;
  format: () => void;
  complete: () => void;
  explain: () => void;
}

export interface EditorProps {
  /** The first one; what is typed then is the editor's, and told by onChange. */
  text: string;
  faults: readonly Fault[];
  readOnly: boolean;
  catalogue: Catalogue | undefined;
  chosen: Chosen;
  onChange: (text: string) => void;
  onSave: () => void;
  ready: (control: Control) => void;
}

const readOnly = new Compartment();

export default function Editor(props: EditorProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const root = host.current as HTMLDivElement;
    const shadow = root.shadowRoot ?? root.attachShadow({ mode: "open" });
    const editor = new EditorView({
      root: shadow,
      parent: shadow,
      state: EditorState.create({ doc: props.text, extensions: extensions(() => latest.current) }),
    });
    view.current = editor;
    props.ready(controlOf(editor));
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: readOnly.reconfigure(EditorState.readOnly.of(props.readOnly)) });
  }, [props.readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== undefined) {
      const length = editor.state.doc.length;
      const marks = props.faults.flatMap(({ place, severity, message }) =>
        place === undefined || place.to > length ? [] : [{ ...place, severity, message }],
      );
      editor.dispatch(setDiagnostics(editor.state, marks));
    }
  }, [props.faults]);

  return <div ref={host} class="editor" />;
}

function extensions(latest: () => EditorProps): Extension {
  const hover = hoverTooltip((view, position) => tooltip(view, position, latest()), { hoverTime: 250, hideOnChange: true });
  return [
    lineNumbers(),
    foldGutter(),
    history(),
    bracketMatching(),
    closeBrackets(),
    indentUnit.of("  "),
    json(),
    lintGutter(),
    hover,
    // Without a delay: nobody means a new line by Enter within a string, where all completion happens.
    autocompletion({ override: [(context) => completed(context, latest().catalogue)], icons: false, interactionDelay: 0 }),
    keymap.of([
      { key: "Mod-s", preventDefault: true, run: () => (latest().onSave(), true) },
      { key: "Mod-i", preventDefault: true, run: explainHere },
      { key: "Shift-Alt-f", preventDefault: true, run: format },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...foldKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
    readOnly.of(EditorState.readOnly.of(latest().readOnly)),
    EditorView.contentAttributes.of({ "aria-label": "Definition", tabindex: "0" }),
    EditorView.theme({ "&": { height: "min(36rem, 65vh)" } }),
    theme,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        latest().onChange(update.state.doc.toString());
      }
    }),
  ];
}

function controlOf(editor: EditorView): Control {
  const focused = (act: (view: EditorView) => unknown) => () => {
    editor.focus();
    act(editor);
  };
  return {
    replace: (text) => {
      if (editor.state.doc.toString() !== text) {
        editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
      }
    },
    show: (place) => {
      const to = Math.min(place.to, editor.state.doc.length);
      const selection = { anchor: Math.min(place.from, to), head: to };
      editor.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
      editor.focus();
    },
    undo: focused(undo),
    redo: focused(redo),
    format: focused(format),
    complete: focused(startCompletion),
    explain: focused(explainHere),
  };
}

/** Laid out anew, which is one step of undoing. */
function format(view: EditorView): boolean {
  const text = view.state.doc.toString();
  const anew = formatted(text);
  if (anew !== undefined && anew !== text && !view.state.readOnly) {
    view.dispatch({ changes: { from: 0, to: text.length, insert: anew }, userEvent: "input.format" });
  }
  return true;
}

function explainHere(view: EditorView): boolean {
  const position = view.state.selection.main.head;
  view.dispatch({ effects: closeHoverTooltips });
  activateHover(view, position, 1, { until: (transaction) => transaction.selection !== undefined || transaction.docChanged });
  return true;
}

async function tooltip(view: EditorView, position: number, props: EditorProps): Promise<Tooltip | null> {
  const found = await explained(view.state.doc.toString(), position, props.catalogue, props.chosen);
  if (found === undefined) {
    return null;
  }
  const said = EditorView.announce.of(found.lines.map((each) => each.text).join(". "));
  // Not before it is shown: while it is looked up, an update would have it looked up again.
  const create = (): TooltipView => ({ dom: drawn(found), mount: () => queueMicrotask(() => view.dispatch({ effects: said })) });
  return { pos: found.place.from, end: found.place.to, above: true, create };
}

function drawn(found: Explanation): HTMLElement {
  const box = document.createElement("div");
  box.className = "cm-explanation";
  box.setAttribute("role", "tooltip");
  for (const each of found.lines) {
    const line = document.createElement(each.tone === "title" ? "strong" : "p");
    line.className = each.tone;
    line.textContent = each.text;
    box.append(line);
  }
  return box;
}
