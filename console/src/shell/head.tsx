/** The head of every page: the main views, and who is signed in. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { toOperations, toPipelines, toRunners } from "../parts/address";
import { person, signOut } from "../session/session";

const MAIN: readonly { name: string; to: string; has: (path: string) => boolean }[] = [
  { name: "Pipelines", to: toPipelines(), has: (path) => path === "/" || path.startsWith("/pipelines") || path === "/new" },
  { name: "Operations", to: toOperations(), has: (path) => path.startsWith("/operations") },
  { name: "Task Runners", to: toRunners(), has: (path) => path === toRunners() },
];

export function Head(props: { path: string }): JSX.Element {
  return (
    <header class="top">
      <Link href={toPipelines()} class="brand">
        <img src="./icon.svg" alt="" />
        Penstock
      </Link>
      <nav aria-label="Main">
        {MAIN.map((each) => (
          <Link key={each.name} href={each.to} aria-current={each.has(props.path) ? (each.to === props.path ? "page" : "true") : undefined}>
            {each.name}
          </Link>
        ))}
      </nav>
      <div class="who">
        <span title={person.value}>{person.value}</span>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}
