import { expect, test } from "vitest";
import { foretold } from "./replay";

test("what a replay would start is told in events and runs", () => {
  expect(foretold({ events: 0, more: false }, 1)).toBe("Nothing arrived in this time that could be replayed.");
  expect(foretold({ events: 1, more: false }, 1)).toBe("1 event would be replayed, in 1 run.");
  expect(foretold({ events: 41, more: false }, 10)).toBe("41 events would be replayed, in at least 5 runs.");
  expect(foretold({ events: 2000, more: true }, 1)).toBe("More than 2000 events would be replayed, in at least 2000 runs.");
});
