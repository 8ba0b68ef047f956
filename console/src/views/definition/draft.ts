/** Where a text that could not be saved waits for its editor. */
export function draftOf(id: string): string {
  return `penstock.draft.${id}`;
}
