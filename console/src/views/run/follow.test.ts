import { expect, test } from "vitest";
import { MOST_SHOWN, added, plain, whole, type LogPart } from "./follow";

function part(text: string, more: Partial<LogPart> = {}): LogPart {
  return { text, cursor: "c", more: false, skipped: false, restarted: false, there: true, growing: true, ...more };
}

test("parts are joined, and one that was written anew begins again", () => {
  const first = added(undefined, part("one\n", { skipped: true }));
  expect(added(first, part("two\n"))).toMatchObject({ text: "one\ntwo\n", skipped: true });
  expect(added(first, part("new\n", { restarted: true }))).toMatchObject({ text: "new\n", skipped: false });
});

test("a page keeps the end of a very long log, from the beginning of a line", () => {
  const found = added(added(undefined, part("x".repeat(10) + "\n")), part(`${"y".repeat(MOST_SHOWN - 5)}\n`));
  expect(found.text.startsWith("y")).toBe(true);
  expect(found.skipped).toBe(true);
});

test("of one line that is longer than the page the end is kept", () => {
  const found = added(undefined, part(`${"x".repeat(10)}${"y".repeat(MOST_SHOWN - 1)}\n`));
  expect(found).toMatchObject({ skipped: true });
  expect([found.text.length, found.text.slice(0, 1), found.text.slice(-2)]).toEqual([MOST_SHOWN, "y", "y\n"]);
});

test("what steers a terminal is left out", () => {
  expect(plain("\u001b[31mred\ufffd[0m plain\u001b[2J\u001b[?25l")).toBe("red plain");
  expect(plain("\ufffd]8;;https://x.example\ufffdhere\ufffd]8;;\ufffd\\, \u001b]0;title\u0007there")).toBe("here, there");
});

test("nothing is read in another order than it was written in", () => {
  expect(plain("\u202egnp.exe\u202c")).toBe("\ufffdgnp.exe\ufffd");
});

test("a download has every part", async () => {
  const parts = [part("a", { more: true, cursor: "1" }), part("b", { more: true, cursor: "2" }), part("c")];
  const asked: (string | undefined)[] = [];
  const text = await whole((cursor) => {
    asked.push(cursor);
    return Promise.resolve(parts[asked.length - 1] as LogPart);
  });
  expect([text, asked]).toEqual(["abc", [undefined, "1", "2"]]);
});
