/** The service's statuses, each with a colour and a mark, so that colour alone says nothing. */
import type { JSX } from "preact";

export type Tone = "good" | "bad" | "busy" | "waiting" | "off";

const TONES: Readonly<Record<string, [Tone, string]>> = {
  FINISHED: ["good", "✓"],
  HEALTHY: ["good", "✓"],
  FAILED: ["bad", "✕"],
  CASCADE_FAILED: ["bad", "⤳"],
  TIMEDOUT: ["bad", "!"],
  ERROR: ["bad", "✕"],
  RUNNING: ["busy", "▶"],
  CREATING: ["busy", "+"],
  SHUTTING_DOWN: ["busy", "↓"],
  ACTIVATING: ["busy", "▶"],
  DEACTIVATING: ["busy", "↓"],
  SCHEDULED: ["busy", "◷"],
  WAITING_ON_DEPENDENCIES: ["waiting", "…"],
  WAITING_FOR_RUNNER: ["waiting", "…"],
  PENDING: ["waiting", "…"],
  CANCELED: ["off", "⊘"],
  SKIPPED: ["off", "»"],
  INACTIVE: ["off", "⏸"],
  PAUSED: ["off", "⏸"],
};

export function toneOf(status: string): Tone {
  return TONES[status]?.[0] ?? "off";
}

export function markOf(status: string): string {
  return TONES[status]?.[1] ?? "·";
}

export function Status(props: { of: string }): JSX.Element {
  return (
    <span class={`status ${toneOf(props.of)}`}>
      <span aria-hidden="true">{markOf(props.of)}</span> {props.of.replaceAll("_", " ").toLowerCase()}
    </span>
  );
}
