/** The signed-in person. Tokens live in memory and in this tab's session storage, so that a reload keeps them. */
import { signal } from "@preact/signals";
import type { Config } from "./config";
import { begin, finish, logoutAddress, renew, type Tokens } from "./oauth";

const KEPT = "penstock.tokens";
const SOON = 60_000;

export const person = signal<string | undefined>(undefined);
/** What the person may do: the token's scopes, as far as a role group of theirs permits them too. */
export const scopes = signal<ReadonlySet<string>>(new Set());
/** The person's groups that are no roles: whose pipelines they see and make. */
export const groups = signal<readonly string[]>([]);

const ROLES: Readonly<Record<string, readonly string[]>> = {
  readers: ["penstock/read"],
  writers: ["penstock/read", "penstock/write"],
  operators: ["penstock/read", "penstock/operate"],
  admins: ["penstock/read", "penstock/write", "penstock/operate"],
};

let config: Config | undefined;
let tokens: Tokens | undefined;
let renewing: Promise<Tokens> | undefined;

/** Find out who is here; sends whoever is nobody to the sign-in page and resolves to false then. */
export async function enter(found: Config): Promise<boolean> {
  config = found;
  const returned = await finish(found);
  if (returned !== undefined) {
    keep(returned.tokens);
    return true;
  }
  const kept = sessionStorage.getItem(KEPT);
  if (kept !== null) {
    keep(JSON.parse(kept) as Tokens);
    return true;
  }
  await begin(found, location.hash);
  return false;
}

/** An access token that is good for a minute at least. */
export async function accessToken(): Promise<string> {
  if (config === undefined || tokens === undefined) {
    throw new Error("nobody is signed in");
  }
  if (tokens.expires - Date.now() > SOON) {
    return tokens.access;
  }
  if (tokens.refresh === undefined) {
    return signInAgain();
  }
  renewing ??= renew(config, tokens.refresh).finally(() => (renewing = undefined));
  try {
    keep(await renewing);
  } catch {
    return signInAgain(); // the refresh token has had its day, which is no fault to show
  }
  return tokens.access;
}

/** Forget the tokens and go to the sign-in page. Never resolves: the page is left. */
export async function signInAgain(): Promise<never> {
  sessionStorage.removeItem(KEPT);
  if (config !== undefined) {
    await begin(config, location.hash);
  }
  return new Promise<never>(() => undefined);
}

/** Sign out here and at the user pool. */
export function signOut(): void {
  sessionStorage.removeItem(KEPT);
  if (config !== undefined) {
    location.assign(logoutAddress(config));
  }
}

function keep(found: Tokens): void {
  tokens = found;
  sessionStorage.setItem(KEPT, JSON.stringify(found));
  const claims = claimsOf(found.access);
  person.value = String(claims.username ?? claims.sub ?? "");
  const member = Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"].map(String) : [];
  const permitted = new Set(member.flatMap((group) => ROLES[group] ?? []));
  scopes.value = new Set(String(claims.scope ?? "").split(" ").filter((scope) => permitted.has(scope)));
  groups.value = member.filter((group) => !(group in ROLES));
}

/** Why the person may not do what needs this scope; undefined when they may. */
export function refusedFor(scope: string): string | undefined {
  return scopes.value.has(scope) ? undefined : `Your sign-in does not permit this (${scope})`;
}

/** What the token says, for showing: the server is who checks it. */
function claimsOf(token: string): Record<string, unknown> {
  const middle = token.split(".")[1] ?? "";
  const bytes = Uint8Array.from(atob(middle.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}
