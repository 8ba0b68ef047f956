// The look of everything comes first, so that views may differ from it.
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/views.css";
import { render } from "preact";
import { App } from "./app";
import { Failure } from "./parts/loaded";
import { readConfig } from "./session/config";
import { enter } from "./session/session";
import { connect } from "./api/client";

const root = document.getElementById("app") as HTMLElement;

async function start(): Promise<void> {
  const config = await readConfig();
  connect(config.api);
  if (await enter(config)) {
    render(<App />, root);
  }
}

start().catch((error: unknown) => {
  const told = error instanceof Error ? error : new Error(String(error));
  render(<Failure error={told} what="the console" again={() => location.reload()} />, root);
});
