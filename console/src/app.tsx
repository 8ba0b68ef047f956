/** The shell: head, views by address. */
import type { JSX } from "preact";
import { Link, Route, Router, Switch } from "wouter-preact";
import { useHashLocation } from "wouter-preact/use-hash-location";
import { toPipelines } from "./parts/address";
import { person, signOut } from "./session/session";
import { CreateView } from "./views/create";
import { DefinitionView } from "./views/definition";
import { InstanceView } from "./views/instance";
import { PipelineView } from "./views/pipeline";
import { PipelinesView } from "./views/pipelines";
import { RunView } from "./views/run";

export function App(): JSX.Element {
  return (
    <Router hook={useHashLocation}>
      <a class="skip" href="#main" onClick={intoMain}>
        Skip to content
      </a>
      <header class="top">
        <Link href={toPipelines()} class="brand">
          Penstock
        </Link>
        <nav aria-label="Main">
          <Link href={toPipelines()}>Pipelines</Link>
        </nav>
        <div class="who">
          <span>{person.value}</span>
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Switch>
          <Route path="/" component={PipelinesView} />
          <Route path="/pipelines/:pipeline" nest={false} component={PipelineView} />
          <Route path="/new" component={CreateView} />
          <Route path="/pipelines/:pipeline/definition" component={DefinitionView} />
          <Route path="/pipelines/:pipeline/runs/:run" component={RunView} />
          <Route path="/pipelines/:pipeline/instances/:instance" component={InstanceView} />
          <Route>
            <h1>No such page</h1>
            <p>
              <Link href={toPipelines()}>Back to the pipelines</Link>
            </p>
          </Route>
        </Switch>
      </main>
    </Router>
  );
}

function intoMain(event: Event): void {
  event.preventDefault(); // the hash is the address of a view
  document.getElementById("main")?.focus();
}
