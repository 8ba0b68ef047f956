/** Two texts beside each other, or on a narrow page one above the other. In a shadow root, as the editor; loaded when needed. */
import { json } from "@codemirror/lang-json";
import { MergeView, goToNextChunk, goToPreviousChunk, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { theme } from "./theme";

const NARROW = "(max-width: 48rem)";
const SHOWN = { collapseUnchanged: { margin: 3, minSize: 6 }, highlightChanges: true, gutter: true };

export default function Comparison(props: { before: string; after: string; names: readonly [string, string] }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [unified, setUnified] = useState(() => matchMedia(NARROW).matches);

  useEffect(() => {
    const media = matchMedia(NARROW);
    const follow = (): void => setUnified(media.matches);
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);

  useEffect(() => {
    const root = host.current as HTMLDivElement;
    const shadow = root.shadowRoot ?? root.attachShadow({ mode: "open" });
    const shown = unified ? above(shadow, props) : beside(shadow, props);
    return () => shown.destroy();
  }, [unified, props.before, props.after]);

  return (
    <div class="comparison">
      <div class="orders">
        <label class="check">
          <input type="checkbox" checked={unified} onChange={(event) => setUnified(event.currentTarget.checked)} />
          One above the other
        </label>
        <span class="faint">
          {unified ? `${props.names[0]} red, ${props.names[1]} green` : `Left: ${props.names[0]}. Right: ${props.names[1]}`}
        </span>
      </div>
      <div ref={host} class="editor" />
    </div>
  );
}

function beside(shadow: ShadowRoot, props: { before: string; after: string; names: readonly [string, string] }): { destroy: () => void } {
  return new MergeView({
    a: { doc: props.before, extensions: extensions(props.names[0]) },
    b: { doc: props.after, extensions: extensions(props.names[1]) },
    parent: shadow,
    root: shadow,
    ...SHOWN,
  });
}

function above(shadow: ShadowRoot, props: { before: string; after: string; names: readonly [string, string] }): { destroy: () => void } {
  const merged = unifiedMergeView({ original: props.before, mergeControls: false, ...SHOWN });
  return new EditorView({
    parent: shadow,
    root: shadow,
    state: EditorState.create({ doc: props.after, extensions: [...extensions(`${props.names[0]} and ${props.names[1]}`), merged] }),
  });
}

function extensions(name: string): Extension[] {
  return [
    lineNumbers(),
    json(),
    theme,
    EditorState.readOnly.of(true),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0" }),
    keymap.of([
      { key: "F7", run: goToNextChunk, shift: goToPreviousChunk },
    ]),
  ];
}
