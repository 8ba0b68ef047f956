/** A definition as text: two spaces a level, a reference on one line. */

const REFERENCE = /\{\n\s+"ref": ("(?:[^"\\]|\\.)*")\n\s+\}/g;

export function laidOut(definition: unknown): string {
  return `${JSON.stringify(definition, null, 2).replace(REFERENCE, '{ "ref": $1 }')}\n`;
}

/** The text laid out anew; nothing while it is not JSON. */
export function formatted(text: string): string | undefined {
  try {
    return laidOut(JSON.parse(text));
  } catch {
    return undefined; // its fault is marked; there is nothing to lay out before it is mended
  }
}
