import { createElement, render } from "preact";
import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";
import { useLoaded } from "./loaded";

vi.stubGlobal("document", {});
const nowhere = (): Element => ({ childNodes: [], firstChild: null, namespaceURI: "" }) as unknown as Element;

/** Shows what is asked about one name after the other; every render's name, value and failure. */
async function renders(names: readonly string[], answer: (name: string) => Promise<string>): Promise<string[]> {
  const seen: string[] = [];
  const View = (props: { name: string }): null => {
    const found = useLoaded(() => answer(props.name), [props.name]);
    seen.push(`${props.name}: ${found.value ?? found.failure?.message ?? "-"}`);
    return null;
  };
  const page = nowhere();
  for (const name of names) {
    await act(() => render(createElement(View, { name }), page));
    await act(() => new Promise((resolve) => setTimeout(resolve)));
  }
  return seen;
}

test("no render shows what was told about another", async () => {
  const seen = await renders(["a", "b"], async (name) => `of ${name}`);
  expect(seen).toEqual(["a: -", "a: of a", "b: -", "b: of b"]);
});

test("no render shows why another could not be told", async () => {
  const seen = await renders(["a", "b"], (name) => Promise.reject(new Error(`no ${name}`)));
  expect(seen).toEqual(["a: -", "a: no a", "b: -", "b: no b"]);
});
