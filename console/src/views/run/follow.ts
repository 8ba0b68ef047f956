/** Following a log: the text so far, and the next part of it again and again while it grows. No knowledge of views. */

export interface LogPart {
  text: string;
  cursor: string;
  more: boolean;
  skipped: boolean;
  restarted: boolean;
  there: boolean;
  growing: boolean;
}

export interface LogText {
  text: string;
  /** Whether something before it was left out. */
  skipped: boolean;
  there: boolean;
  growing: boolean;
}

/** Most characters kept in the page; what is older can still be downloaded. */
export const MOST_SHOWN = 1_000_000;

/** What is shown after one more part. */
export function added(before: LogText | undefined, part: LogPart): LogText {
  const kept = before === undefined || part.restarted ? "" : before.text;
  const skipped = part.restarted || before === undefined ? part.skipped : before.skipped;
  const text = plain(kept + part.text);
  const cut = Math.max(0, text.length - MOST_SHOWN);
  const line = text.slice(0, -1).indexOf("\n", cut) + 1; // 0: a line longer than all that is shown, of which the end is
  return { text: text.slice(cut > 0 ? line || cut : 0), skipped: skipped || cut > 0, there: part.there, growing: part.growing };
}

/** Colours, moves of the cursor; links and titles. The API sends U+FFFD for the characters that begin and end them. */
const TERMINAL = /[\u001b\ufffd](?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\ufffd\n]*(?:\u0007|[\u001b\ufffd]\\?))/g;
/** What lets text be read in another order than it was written in. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** As it was written: nothing by which programs steer a terminal, or a page. */
export function plain(text: string): string {
  return text.replaceAll(TERMINAL, "").replaceAll(TURNING, "\ufffd");
}

/** The whole log from its beginning, part by part. */
export async function whole(ask: (cursor: string | undefined) => Promise<LogPart>): Promise<string> {
  const parts: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const part = await ask(cursor);
    parts.push(part.text);
    if (!part.more) {
      return parts.join("");
    }
    cursor = part.cursor;
  }
}
