/** The blocks of a runbook's Markdown, as far as runbooks use any: headings, lists, code, paragraphs. All of it text. */
export type Block =
  | { kind: "title" | "heading" | "text" | "code"; text: string }
  | { kind: "items"; items: readonly string[] };

export function blocksOf(markdown: string): readonly Block[] {
  return markdown
    .replaceAll("\r", "")
    .split(/\n{2,}/)
    .filter((part) => part.trim() !== "")
    .reduce<Block[]>((found, part) => joined(found, blockOf(part.replace(/\n+$/, ""))), []);
}

function blockOf(part: string): Block {
  if (part.startsWith("# ")) {
    return { kind: "title", text: plain(part.slice(2)) };
  }
  if (/^##+ /.test(part)) {
    return { kind: "heading", text: plain(part.replace(/^#+ /, "")) };
  }
  if (part.startsWith("    ")) {
    return { kind: "code", text: part.replace(/^ {4}/gm, "") };
  }
  if (part.startsWith("- ")) {
    return { kind: "items", items: part.split(/\n(?=- )/).map((item) => plain(item.slice(2))) };
  }
  return { kind: "text", text: plain(part) };
}

/** Code that an empty line parts is one block. */
function joined(found: Block[], next: Block): Block[] {
  const last = found.at(-1);
  if (last?.kind === "code" && next.kind === "code") {
    return [...found.slice(0, -1), { kind: "code", text: `${last.text}\n\n${next.text}` }];
  }
  return [...found, next];
}

/** Words without their marks: code and stress as they are, a link by its words. */
function plain(text: string): string {
  return text
    .replaceAll("\n", " ")
    .replace(/\s+/g, " ")
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replace(/[`*]{1,2}([^`*]+)[`*]{1,2}/g, "$1");
}
