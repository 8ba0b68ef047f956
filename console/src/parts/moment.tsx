/** Times in the viewer's zone, with UTC beside it in the title. */
import type { JSX } from "preact";

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

export function Moment(props: { at: string | undefined; relative?: boolean }): JSX.Element {
  if (props.at === undefined) {
    return <span class="faint">–</span>;
  }
  const moment = new Date(props.at);
  return (
    <time dateTime={props.at} title={`${utc(props.at)} UTC`}>
      {props.relative === true ? ago(moment) : DATE.format(moment)}
      {props.relative !== true && <span class="utc"> · {utc(props.at)} UTC</span>}
    </time>
  );
}

export function utc(at: string): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

export function ago(moment: Date, now = Date.now()): string {
  const seconds = Math.round((moment.getTime() - now) / 1000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
  return RELATIVE.format(Math.round(seconds / size), unit);
}

/** How long something took, or has taken until now. */
export function lasted(from: string | undefined, to: string | undefined): string {
  if (from === undefined) {
    return "–";
  }
  const milliseconds = (to === undefined ? Date.now() : Date.parse(to)) - Date.parse(from);
  return span(milliseconds / 1000);
}

/** A length of time, in seconds, for people. */
export function span(length: number): string {
  const seconds = Math.max(0, Math.round(length));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A local time of an input as the API wants it. */
export function utcSecond(local: string): string {
  return `${new Date(local).toISOString().slice(0, 19)}Z`;
}
