/** What a pipeline does next, and when. */
import type { JSX } from "preact";
import type { components } from "../../api/schema";
import { Show, type Loaded } from "../../parts/loaded";
import { Moment } from "../../parts/moment";

export type Outlook = components["schemas"]["Outlook"];

const [SHOWN, NAMED] = [5, 3];

export function Next(props: { outlook: Loaded<Outlook>; state: string }): JSX.Element {
  return (
    <Show of={props.outlook} what="next runs">
      {(found) =>
        found.nextRuns.length === 0 ? (
          <p class="faint">{WHY[props.state === "SCHEDULED" ? (found.starts ?? "") : props.state] ?? "Nothing is due."}</p>
        ) : (
          <ol class="next">
            {found.nextRuns.slice(0, SHOWN).map((each) => (
              <li key={`${each.at} ${each.scheduledStart}`}>
                <span>
                  <Moment at={each.at} />
                </span>
                <span>
                  <Moment at={each.at} relative />
                </span>
                <span class="who-runs" title={each.componentIds.join(", ")}>
                  {some(each.componentIds)}
                </span>
              </li>
            ))}
          </ol>
        )
      }
    </Show>
  );
}

/** The first few, and how many more. */
export function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

const WHY: Readonly<Record<string, string>> = {
  SCHEDULE: "Nothing more is due: all that is scheduled has begun, or is paused.",
  DEMAND: "It runs when somebody activates it.",
  EVENTS: "It runs when events arrive.",
  FINISHED: "Its schedule is over.",
  INACTIVE: "It is not active.",
  DEACTIVATING: "It is being deactivated.",
  PENDING: "It was never activated.",
};
