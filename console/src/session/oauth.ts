/** Sign-in by the authorization code flow with PKCE. Knows the user pool's endpoints, and nothing of the API. */
import * as oauth from "oauth4webapi";
import type { Config } from "./config";

const PENDING = "penstock.signing-in";

export interface Tokens {
  access: string;
  refresh: string | undefined;
  /** Milliseconds since 1970. */
  expires: number;
}

interface Pending {
  verifier: string;
  state: string;
  view: string;
}

/** Go to the sign-in page; `view` is where the person wanted to be. */
export async function begin(config: Config, view: string): Promise<void> {
  const pending: Pending = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    view,
  };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const to = new URL(config.authorizationEndpoint);
  to.search = new URLSearchParams({
    client_id: config.clientId,
    response_type: "code",
    redirect_uri: home(),
    scope: config.scopes.join(" "),
    state: pending.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: "S256",
  }).toString();
  location.assign(to);
}

/** Take the code that the sign-in page sent the person back with; undefined when this is no such return. */
export async function finish(config: Config): Promise<{ tokens: Tokens; view: string } | undefined> {
  const here = new URL(location.href);
  const kept = sessionStorage.getItem(PENDING);
  if (kept === null || !(here.searchParams.has("code") || here.searchParams.has("error"))) {
    return undefined;
  }
  sessionStorage.removeItem(PENDING);
  const pending = JSON.parse(kept) as Pending;
  history.replaceState(null, "", location.pathname + pending.view);
  const [server, client] = parties(config);
  const parameters = oauth.validateAuthResponse(server, client, here, pending.state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    home(),
    pending.verifier,
    insecureOnLoopback(),
  );
  return { tokens: keptOf(await oauth.processAuthorizationCodeResponse(server, client, answer)), view: pending.view };
}

/** New tokens for old. */
export async function renew(config: Config, refresh: string): Promise<Tokens> {
  const [server, client] = parties(config);
  const answer = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refresh, insecureOnLoopback());
  const tokens = keptOf(await oauth.processRefreshTokenResponse(server, client, answer));
  return { ...tokens, refresh: tokens.refresh ?? refresh };
}

/** Where signing out ends: the pool forgets the person too. */
export function logoutAddress(config: Config): string {
  const to = new URL(config.logoutEndpoint);
  to.search = new URLSearchParams({ client_id: config.clientId, logout_uri: home() }).toString();
  return to.toString();
}

/** The console's address as the user pool knows it; it leads to this page. */
function home(): string {
  return location.origin + location.pathname.replace(/\/index\.html$/, "");
}

function parties(config: Config): [oauth.AuthorizationServer, oauth.Client] {
  return [
    {
      issuer: config.issuer,
      authorization_endpoint: config.authorizationEndpoint,
      token_endpoint: config.tokenEndpoint,
    },
    { client_id: config.clientId },
  ];
}

function insecureOnLoopback(): { [oauth.allowInsecureRequests]: boolean } {
  return { [oauth.allowInsecureRequests]: ["127.0.0.1", "localhost"].includes(location.hostname) };
}

function keptOf(answer: oauth.TokenEndpointResponse): Tokens {
  return {
    access: answer.access_token,
    refresh: answer.refresh_token,
    expires: Date.now() + (answer.expires_in ?? 3600) * 1000,
  };
}
