/**
 * PEM texts as Go reads them (`encoding/pem`), in which istiod and the tls plugin are written, and as people have them: with a byte
 * order mark, Windows' line ends, indentation, text around the blocks, or all on one line. Node hands a text to OpenSSL, which takes
 * and refuses others than Go does.
 */

/** A block of a PEM text. */
export interface PemBlock {
  /** What stands behind BEGIN, such as `CERTIFICATE`. */
  readonly label: string;
  /** Whether lines such as `Proc-Type: 4,ENCRYPTED` stand before the data. */
  readonly headers: boolean;
  readonly der: Buffer;
}

/** The blocks that Go finds in a text: each begins and ends with a line of its own. It skips what it can't decode. */
export function goBlocks(text: string): PemBlock[] {
  return scan(text).blocks;
}

/** The blocks that are meant, whatever has been done to the text on its way; with data that is damaged, perhaps. */
export function anyBlocks(text: string): PemBlock[] {
  const lines = text
    .replaceAll(/\\r|\\n|\r/g, "\n")
    .replaceAll(/-----(?:BEGIN|END) [A-Z0-9 ]+?-----/g, "\n$&\n")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return scan(lines.join("\n"), decoded).blocks;
}

/** A block as a text, in lines of 64 characters. */
export function pemOf({ label, der }: Pick<PemBlock, "label" | "der">): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** Whether a text is so many blocks that Go reads, and nothing else: then it can be handed on as it is. */
export function isPlain(text: string, count: number): boolean {
  const { blocks, bare } = scan(text);
  return bare && blocks.length === count && !text.includes("\r");
}

interface Scanned {
  readonly blocks: PemBlock[];
  /** Whether nothing but white space stands outside the blocks. */
  readonly bare: boolean;
}

function scan(text: string, decode = strictlyDecoded): Scanned {
  const blocks: PemBlock[] = [];
  let bare = true;
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split("\n").map((one) => one.replace(/\r?$/, "").replace(/[ \t]+$/, ""))) {
    const begins = /^-----BEGIN (.*)-----$/.exec(line)?.[1];
    if (begins !== undefined) {
      bare &&= open === undefined;
      open = { label: begins, lines: [] };
    } else if (line.startsWith("-----END ")) {
      const ends: boolean = line === `-----END ${open?.label ?? ""}-----`;
      const block = open && ends ? decode(open.label, open.lines) : undefined;
      bare &&= block?.headers === false;
      open = undefined;
      blocks.push(...(block ? [block] : []));
    } else if (open) {
      open.lines.push(line);
    } else {
      bare &&= line.trim() === "";
    }
  }
  return { blocks, bare: bare && open === undefined };
}

function decoded(label: string, lines: readonly string[]): PemBlock {
  const first = lines.findIndex((line) => !line.includes(":"));
  return { label, headers: first > 0, der: Buffer.from(base64In(lines), "base64") };
}

function strictlyDecoded(label: string, lines: readonly string[]): PemBlock | undefined {
  const block = decoded(label, lines);
  // Buffer.from skips what is not base64.
  return block.der.toString("base64") === base64In(lines) ? block : undefined;
}

function base64In(lines: readonly string[]): string {
  const first = lines.findIndex((line) => !line.includes(":"));
  return lines.slice(Math.max(first, 0)).join("").replaceAll(/[ \t]/g, "");
}
