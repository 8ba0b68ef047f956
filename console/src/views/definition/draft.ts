/** A text that is not saved yet: it waits in this tab, with the version that it was made from. */

/** Where it waits; without a version beside it, as a dropped file leaves it, it was made from the latest. */
export function draftOf(id: string): string {
  return `penstock.draft.${id}`;
}

export interface Draft {
  text: string;
  base: string | undefined;
}

export function readDraft(id: string): Draft | undefined {
  const text = sessionStorage.getItem(draftOf(id));
  return text === null ? undefined : { text, base: sessionStorage.getItem(baseOf(id)) ?? undefined };
}

export function keepDraft(id: string, text: string, base: string | undefined): void {
  sessionStorage.setItem(draftOf(id), text);
  if (base === undefined) {
    sessionStorage.removeItem(baseOf(id));
  } else {
    sessionStorage.setItem(baseOf(id), base);
  }
}

export function dropDraft(id: string): void {
  sessionStorage.removeItem(draftOf(id));
  sessionStorage.removeItem(baseOf(id));
}

function baseOf(id: string): string {
  return `${draftOf(id)}.base`;
}
