/** How text looks in the editors: the colours of the page, also in the dark, and expressions told from plain text. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { Decoration, EditorView, MatchDecorator, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--link)" },
  { tag: tags.string, color: "var(--text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--waiting)" },
  { tag: [tags.punctuation, tags.separator, tags.brace, tags.squareBracket], color: "var(--faint)" },
]);

const LOOK = EditorView.theme({
  "&": { fontSize: "13.5px", backgroundColor: "var(--card)", color: "var(--text)" },
  "&.cm-focused": { outline: "none" }, // the host has one around the gutter too
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.5" },
  ".cm-gutters": { backgroundColor: "var(--page)", color: "var(--faint)", borderColor: "var(--line)" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-expression": { color: "var(--busy)", backgroundColor: "var(--busy-back)", borderRadius: "3px" },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "6px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "ui-monospace, monospace", maxWidth: "min(40rem, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--busy-back)", color: "var(--text)" },
  ".cm-completionDetail": { color: "var(--faint)", fontStyle: "normal" },
  ".cm-completionInfo": { maxWidth: "24rem", fontFamily: "system-ui, sans-serif", padding: "6px 10px" },
  ".cm-explanation": { maxWidth: "min(30rem, 90vw)", padding: "8px 12px", fontFamily: "system-ui, sans-serif", lineHeight: "1.45" },
  ".cm-explanation p": { margin: "0 0 4px" },
  ".cm-explanation p:last-child": { margin: "0" },
  ".cm-explanation .faint": { color: "var(--faint)" },
  ".cm-explanation .value": { fontFamily: "ui-monospace, monospace", whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  ".cm-explanation .wrong": { color: "var(--bad)" },
  ".cm-diagnostic": { fontFamily: "system-ui, sans-serif", padding: "4px 8px", maxWidth: "min(34rem, 90vw)" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--waiting)" },
  ".cm-lintRange-error": { backgroundImage: "none", borderBottom: "2px wavy var(--bad)", textDecoration: "underline wavy var(--bad)" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--waiting)" },
  ".cm-panels": { backgroundColor: "var(--page)", color: "var(--text)" },
  ".cm-searchMatch": { backgroundColor: "var(--waiting-back)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--busy-back)", color: "var(--busy)", border: "0", padding: "0 6px" },
  ".cm-collapsedLines": { background: "var(--page)", color: "var(--faint)" },
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: '"⋯"' }, // what it has is in few fonts
  ".cm-deletedChunk": { backgroundColor: "var(--bad-back)" },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--bad-back)" },
  "&.cm-merge-b .cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--good-back)" },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": { background: "color-mix(in srgb, var(--bad) 10%, transparent)" },
  "&.cm-merge-b .cm-changedText": { background: "color-mix(in srgb, var(--good) 10%, transparent)" },
});

const EXPRESSIONS = new MatchDecorator({
  regexp: /#\{(?:[^'}\n]|'[^'\n]*')*\}/g,
  decoration: Decoration.mark({ class: "cm-expression" }),
});

const MARKED = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = EXPRESSIONS.createDeco(view);
    }
    update(update: ViewUpdate): void {
      this.decorations = EXPRESSIONS.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

export const theme: Extension = [LOOK, syntaxHighlighting(COLOURS), MARKED];
