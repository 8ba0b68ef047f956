/** The shell: head, views by address. */
import type { JSX } from "preact";
import { Link, Route, Router, Switch } from "wouter-preact";
import { toPipelines } from "./parts/address";
import { useHash, usePath } from "./parts/hash";
import { useArrival } from "./shell/arrival";
import { Head } from "./shell/head";
import { nameOf } from "./shell/names";
import { pipelineOf } from "./shell/path";
import { Place } from "./shell/place";
import { BackfillView } from "./views/pipeline/backfill";
import { CreateView } from "./views/pipelines/create";
import { DefinitionView } from "./views/definition/definition";
import { DifferenceView } from "./views/definition/difference";
import { VersionsView } from "./views/definition/versions";
import { EventsView } from "./views/events/events";
import { InstanceView } from "./views/run/instance";
import { PipelineView } from "./views/pipeline/pipeline";
import { PipelinesView } from "./views/pipelines/pipelines";
import { ResultsView } from "./views/results/results";
import { OperationsView } from "./views/operations/operations";
import { RunbookView } from "./views/operations/runbook";
import { RunnersView } from "./views/operations/runners";
import { RunView } from "./views/run/run";

export function App(): JSX.Element {
  const path = usePath();
  const pipeline = pipelineOf(path);
  useArrival(path, pipeline === undefined ? undefined : nameOf(pipeline));
  return (
    <Router hook={useHash}>
      <a class="skip" href="#main" onClick={intoMain}>
        Skip to content
      </a>
      <Head path={path} />
      <Place path={path} />
      <main id="main" tabIndex={-1}>
        <Switch>
          <Route path="/" component={PipelinesView} />
          <Route path="/pipelines/:pipeline" nest={false} component={PipelineView} />
          <Route path="/new" component={CreateView} />
          <Route path="/runners" component={RunnersView} />
          <Route path="/operations" component={OperationsView} />
          <Route path="/operations/runbooks/:name" component={RunbookView} />
          <Route path="/pipelines/:pipeline/events" component={EventsView} />
          <Route path="/pipelines/:pipeline/backfill" component={BackfillView} />
          <Route path="/pipelines/:pipeline/definition" component={DefinitionView} />
          <Route path="/pipelines/:pipeline/definition/versions" component={VersionsView} />
          <Route path="/pipelines/:pipeline/definition/versions/:before/:after" component={DifferenceView} />
          <Route path="/pipelines/:pipeline/runs/:run" component={RunView} />
          <Route path="/pipelines/:pipeline/instances/:instance" component={InstanceView} />
          <Route path="/pipelines/:pipeline/instances/:instance/results" component={ResultsView} />
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
