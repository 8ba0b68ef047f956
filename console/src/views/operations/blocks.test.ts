import { expect, test } from "vitest";
import { blocksOf } from "./blocks";

test("a runbook's Markdown comes apart into titles, text, code and lists", () => {
  const text = "# `a`: it waits\n\n## How\n\nLook at\n[this](b.md) and `that`.\n\n    one\n\n    two\n\n- first\n  goes on\n- second\n";
  expect(blocksOf(text)).toEqual([
    { kind: "title", text: "a: it waits" },
    { kind: "heading", text: "How" },
    { kind: "text", text: "Look at this and that." },
    { kind: "code", text: "one\n\ntwo" },
    { kind: "items", items: ["first goes on", "second"] },
  ]);
});
