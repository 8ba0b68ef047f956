/** The objects whose events start runs: whether they listen, how fast events come, what waits, what came last. */
import type { JSX } from "preact";
import type { components } from "../../api/schema";
import { Moment } from "../../parts/moment";
import { Fields, RunOf, Standing } from "./event";

type Trigger = components["schemas"]["TriggerList"]["items"][number];

export function Triggers(props: { pipeline: string; of: readonly Trigger[] }): JSX.Element {
  return (
    <>
      {props.of.map((each) => (
        <section class="card trigger" key={each.triggerId} aria-label={`Trigger ${each.triggerId}`}>
          <div class="title">
            <h2>{each.triggerId}</h2>
            <span class="faint">{each.type}</span>
            <span class={`status ${each.listening ? "good" : "off"}`}>{each.listening ? "● listens" : "○ does not listen"}</span>
          </div>
          <dl class="facts">
            <Figure name="Per minute" shown={`${each.perMinute}${each.recent.more ? " or more" : ""}`} />
            <Figure name="Backlog" shown={counted(each.backlog)} />
            <div>
              <dt>Oldest waiting</dt>
              <dd>
                <Moment at={each.oldestArrivedAt} relative />
              </dd>
            </div>
            <Figure name="Dead" shown={counted(each.dead)} bad={each.dead.events > 0} />
            <Figure
              name="Events a run"
              shown={each.batchSize === 1 ? "1" : `up to ${each.batchSize}, or what came in ${each.batchWindowSeconds} s`}
            />
            {Object.entries(each.fields).map(([key, values]) => (
              <Figure key={key} name={key} shown={values.join(", ")} />
            ))}
          </dl>
          {each.lastEvents.length > 0 && (
            <>
              <h3>Last events</h3>
              <ul class="last">
                {each.lastEvents.map((event) => (
                  <li key={event.key}>
                    <Moment at={event.arrivedAt} relative />
                    <Standing of={event.standing} />
                    <Fields of={event} />
                    <RunOf pipeline={props.pipeline} event={event} />
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
      ))}
    </>
  );
}

function Figure(props: { name: string; shown: string; bad?: boolean }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.bad === true ? <span class="status bad">✕ {props.shown}</span> : props.shown}</dd>
    </div>
  );
}

function counted(tally: { events: number; more: boolean }): string {
  return `${tally.events}${tally.more ? " or more" : ""}`;
}
