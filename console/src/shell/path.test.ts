import { expect, test } from "vitest";
import { decoded } from "../parts/hash";
import { pipelineOf } from "./path";

test("a pipeline's views name it", () => {
  expect(pipelineOf("/pipelines/df-1%2F2/events")).toBe("df-1/2");
  expect(pipelineOf("/pipelines/df-1")).toBe("df-1");
});

test("other addresses name none", () => {
  for (const path of ["/", "/runners", "/pipelines", "/pipelines/", "/new"]) {
    expect(pipelineOf(path)).toBeUndefined();
  }
});

test("a broken escape is taken as it stands", () => {
  expect(decoded("50%")).toBe("50%");
});
