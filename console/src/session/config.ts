/** What the application says about itself at `console/config.json`: where people sign in, and as which client. */
export interface Config {
  /** Root of the REST API, relative to the console's own address. */
  api: string;
  clientId: string;
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  logoutEndpoint: string;
  scopes: string[];
}

/** Read it once at start. Throws when the application is not set up for people to sign in. */
export async function readConfig(): Promise<Config> {
  const answer = await fetch("config.json", { headers: { accept: "application/json" } });
  if (!answer.ok) {
    throw new Error(`This stage has no sign-in: config.json answered ${answer.status}`);
  }
  return (await answer.json()) as Config;
}
