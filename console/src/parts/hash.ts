/** The address behind the hash: the path of a view and, after "?", what the view is narrowed to. */
import { useCallback, useMemo, useSyncExternalStore } from "preact/compat";
import type { BaseLocationHook } from "wouter-preact";

interface Going {
  replace?: boolean;
  state?: unknown;
}

const split = (): [string, string] => {
  const [path = "", ...rest] = location.hash.replace(/^#?\/?/, "").split("?");
  return [`/${path}`, rest.join("?")];
};

function heard(tell: () => void): () => void {
  addEventListener("hashchange", tell);
  return () => removeEventListener("hashchange", tell);
}

function go(to: string, { replace = false, state = null }: Going = {}): void {
  history[replace ? "replaceState" : "pushState"](state, "", `#${to}`);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** The path as it is written, escapes and all. */
export const usePath = (): string => useSyncExternalStore(heard, () => split()[0]);

/** For wouter's Router, which undoes escapes once: with its percent signs escaped the path comes out as it is written. */
export const useHash: BaseLocationHook = () => [usePath().replaceAll("%", "%25"), go];
useHash.hrefs = (href: string) => `#${href}`;

/** A part of a path. People write addresses too: what is no good escape is taken as it stands. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export type Narrowing = Readonly<Record<string, string | undefined>>;

/** What the view is narrowed to, and a way to change it: names that are given are set, or dropped when empty. */
export function useNarrowing(): [URLSearchParams, (change: Narrowing, replace?: boolean) => void] {
  const search = useSyncExternalStore(heard, () => split()[1]);
  const found = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback((given: Narrowing, replace = false) => {
    const [path, now] = split();
    go(path + query({ ...Object.fromEntries(new URLSearchParams(now)), ...given }), { replace });
  }, []);
  return [found, change];
}

/** `?name=value…` of what has a value. */
export function query(given: Narrowing): string {
  const kept = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "");
  return kept.length === 0 ? "" : `?${new URLSearchParams(kept).toString()}`;
}
