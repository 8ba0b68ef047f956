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
  const cut = text.length > MOST_SHOWN;
  const from = cut ? text.indexOf("\n", text.length - MOST_SHOWN) + 1 : 0;
  return { text: text.slice(from), skipped: skipped || cut, there: part.there, growing: part.growing };
}

/** Without the escapes by which programs colour a terminal; the API sends U+FFFD for the escape character. */
export function plain(text: string): string {
  return text.replaceAll(/[\u001b\ufffd]\[[0-9;]*[A-Za-z]/g, "");
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
