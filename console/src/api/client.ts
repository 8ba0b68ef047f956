/** The REST API, typed by its OpenAPI document. The console does nothing that is not in there. */
import createClient, { type Client } from "openapi-fetch";
import { accessToken, signInAgain } from "../session/session";
import type { paths } from "./schema";

/** An answer that is no success, in the API's one shape. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field: string | undefined,
    readonly findings: readonly Finding[],
  ) {
    super(message);
  }
}

/** What is wrong with a definition, and where. */
export interface Finding {
  code?: string;
  objectId?: string;
  field?: string;
  message: string;
  severity: string;
}

export let api: Client<paths>;

/** Called once, before anything is asked. `root`: the API's, relative to the page. */
export function connect(root: string): void {
  api = createClient<paths>({ baseUrl: new URL(root, location.href).toString().replace(/\/$/, "") });
  api.use({
    async onRequest({ request }) {
      request.headers.set("authorization", `Bearer ${await accessToken()}`);
      return request;
    },
  });
}

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a success. Throws Refusal; a token that is no longer taken leads to the sign-in page. */
export async function body<T>(asked: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok) {
    return data as T;
  }
  if (response.status === 401) {
    return signInAgain();
  }
  throw refusal(response.status, error);
}

function refusal(status: number, error: unknown): Refusal {
  const told = (error as { error?: Record<string, unknown> } | undefined)?.error ?? {};
  const message = typeof told.message === "string" ? told.message : `The service answered ${status}`;
  return new Refusal(
    status,
    String(told.code ?? status),
    message,
    typeof told.field === "string" ? told.field : undefined,
    Array.isArray(told.findings) ? (told.findings as Finding[]) : [],
  );
}
