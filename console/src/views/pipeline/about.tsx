/** What one object of the picture is: its category, how it stands, what it refers to, and what can be done to it. */
import type { JSX } from "preact";
import { Link } from "wouter-preact";
import { toDefinition, toInstance } from "../../parts/address";
import { Status } from "../../parts/status";
import type { Cell } from "./columns";
import type { Standing } from "./feed";
import type { Found, Item } from "./graph";
import { Icon, categoryName } from "./shapes";
import { Pausing } from "../run/pausing";

/** Of these there are instances, and they can be paused. */
const RUNS: ReadonlySet<string | undefined> = new Set(["activity", "datanode", "resource"]);

export interface AboutProps {
  pipeline: string;
  item: Item;
  graph: Found;
  cell: Cell | undefined;
  standing: Standing | undefined;
  choose: (id: string | undefined) => void;
  done: () => void;
}

export function About(props: AboutProps): JSX.Element {
  const { item, cell } = props;
  const uses = props.graph.edges.filter((each) => each.from === item.id);
  const used = props.graph.edges.filter((each) => each.to === item.id);
  const paused = props.standing?.paused.includes(item.id) === true;
  return (
    <section class="about" aria-label={`About ${item.id}`}>
      <div class="about-head">
        <Icon of={item.category} />
        <h3>{item.id}</h3>
        {item.name !== item.id && <span>{item.name}</span>}
        <span class="faint">
          {categoryName(item.category)} · {item.type}
        </span>
        {cell !== undefined && <Status of={cell.status} />}
        {paused && <Status of="PAUSED" />}
        <button type="button" class="close" aria-label="Close" onClick={() => props.choose(undefined)}>
          ✕
        </button>
      </div>
      <dl class="facts">
        {uses.length > 0 && (
          <div>
            <dt>Refers to</dt>
            <dd>
              {uses.map((each) => (
                <Other key={`${each.field} ${each.to}`} id={each.to} field={each.field} by={each.givenBy} choose={props.choose} />
              ))}
            </dd>
          </div>
        )}
        {used.length > 0 && (
          <div>
            <dt>Named by</dt>
            <dd>
              {used.map((each) => (
                <Other key={`${each.from} ${each.field}`} id={each.from} field={each.field} by={undefined} choose={props.choose} />
              ))}
            </dd>
          </div>
        )}
      </dl>
      <div class="orders">
        {cell !== undefined && (
          <Link href={toInstance(props.pipeline, cell.instanceId)} class="button">
            Newest instance
          </Link>
        )}
        <Link href={toDefinition(props.pipeline)} class="button">
          Definition
        </Link>
        {RUNS.has(item.category) && props.standing !== undefined && props.standing.state !== "PENDING" && (
          <Pausing pipeline={props.pipeline} component={item.id} paused={paused} done={props.done} />
        )}
      </div>
    </section>
  );
}

function Other(props: { id: string; field: string; by: string | undefined; choose: (id: string) => void }): JSX.Element {
  return (
    <div>
      <span class="faint">{props.field}</span>{" "}
      <button type="button" class="link" onClick={() => props.choose(props.id)}>
        {props.id}
      </button>
      {props.by !== undefined && <span class="faint"> from {props.by}</span>}
    </div>
  );
}
