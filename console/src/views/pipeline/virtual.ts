/** What of a long list is in sight, along one axis of an element that scrolls. */
import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

export interface Long {
  of: RefObject<HTMLElement>;
  count: number;
  size: (index: number) => number;
  overscan: number;
  /** Along the line, from the right end: the newest is where one begins. */
  horizontal?: boolean;
  /** Of the list's beginning that something sticks to. */
  before?: number;
}

export type Window = Virtualizer<HTMLElement, Element>;

export function useVirtual(long: Long): Window {
  const [, turn] = useReducer((number: number) => number + 1, 0);
  const options = {
    count: long.count,
    getScrollElement: () => long.of.current,
    estimateSize: long.size,
    overscan: long.overscan,
    horizontal: long.horizontal === true,
    isRtl: long.horizontal === true,
    paddingStart: long.before ?? 0,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => turn(undefined as never),
  };
  const [virtual] = useState(() => new Virtualizer<HTMLElement, Element>(options));
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}
