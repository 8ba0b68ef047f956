/** The address behind the hash: the path of a view and, after "?", what the view is narrowed to. */
import { useCallback, useMemo, useSyncExternalStore } from "preact/compat";
import { useSearch, type BaseLocationHook } from "wouter-preact";

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

/** For wouter's Router. */
export const useHash: BaseLocationHook = () => [useSyncExternalStore(heard, () => split()[0]), go];
useHash.searchHook = () => useSyncExternalStore(heard, () => split()[1]);
useHash.hrefs = (href: string) => `#${href}`;

export type Narrowing = Readonly<Record<string, string | undefined>>;

/** What the view is narrowed to, and a way to change it: names that are given are set, or dropped when empty. */
export function useNarrowing(): [URLSearchParams, (change: Narrowing, replace?: boolean) => void] {
  const search = useSearch();
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
