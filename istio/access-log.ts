/**
 * The access log of a ztunnel. Its lines are read here since the `logfmt` package, 1.4.0, does not read them rightly: it splits at
 * spaces alone, so that the tabs of a line become part of keys, and makes booleans of the texts "true" and "false", and of keys
 * without a value.
 */
import { z } from "zod";

/** A connection that a ztunnel has carried, logged when it ends (src/proxy/metrics.rs of istio/ztunnel). */
export interface Connection {
  /** When it ended. */
  readonly time: Date;
  readonly direction: "outbound" | "inbound";
  /** Name of the pod that it comes from; undefined where ztunnel does not know it. */
  readonly source: string | undefined;
  /** The address that it comes from, as this ztunnel has seen it; undefined where it does not say. */
  readonly sourceAddress: string | undefined;
  /** SPIFFE ID of whoever has opened it; undefined outside of the mesh. */
  readonly identity: string | undefined;
  /** Where ztunnel has sent it: of a pod in the mesh, the pod's own address and port 15008. */
  readonly destination: { readonly address: string; readonly port: number };
  /** Host of the Service that was called; undefined for an address. */
  readonly service: string | undefined;
  /** What went wrong; undefined where nothing did. */
  readonly error: string | undefined;
}

const Fields = z.object({
  "src.workload": z.string().optional(),
  "src.addr": z.string().optional(),
  "src.identity": z.string().optional(),
  "dst.addr": z.string(),
  "dst.service": z.string().optional(),
  direction: z.enum(["outbound", "inbound"]),
  error: z.string().optional(),
});
const JsonLine = z.looseObject({ time: z.string(), scope: z.literal("access"), message: z.string() });

/** The maximum length of a line. ztunnel's have some 600 characters; names in them are limited by Kubernetes. */
const longestLine = 16_384;

/** The connections in a ztunnel's log, in either of its formats (LOG_FORMAT plain or json). */
export function connectionsIn(log: string): Connection[] {
  return log.split("\n").flatMap((line) => {
    if (line.length > longestLine) {
      return [];
    }
    const { time, fields } = (line.startsWith("{") ? fromJson(line) : fromText(line)) ?? {};
    const read = Fields.safeParse(fields);
    if (!read.success || time === undefined || Number.isNaN(Date.parse(time))) {
      return [];
    }
    const { "src.workload": source, "dst.addr": destination, "dst.service": service, direction, error } = read.data;
    const { "src.addr": from, "src.identity": identity } = read.data;
    const [address, port] = hostAndPort(destination);
    return [
      {
        time: new Date(time),
        direction,
        source,
        sourceAddress: from === undefined ? undefined : hostAndPort(from)[0],
        identity,
        destination: { address, port },
        service,
        error,
      },
    ];
  });
}

/** Of `10.10.0.18:38706` or `[fd00::1]:15008`. */
function hostAndPort(text: string): [address: string, port: number] {
  const colon = text.lastIndexOf(":");
  return [text.slice(0, colon).replace(/^\[|\]$/g, ""), Number(text.slice(colon + 1))];
}

interface Line {
  readonly time: string;
  readonly fields: unknown;
}

function fromJson(line: string): Line | undefined {
  try {
    const { time, message, ...fields } = JsonLine.parse(JSON.parse(line));
    return message.includes("connection complete") ? { time, fields } : undefined;
  } catch {
    return undefined;
  }
}

/** `<time> <level> access connection complete key=value key="value" …`, with tabs between the parts. */
function fromText(line: string): Line | undefined {
  const [, time, rest] = /^(\S+)\s+\w+\s+access\s+connection complete\s+(.*)$/.exec(line) ?? [];
  if (time === undefined || rest === undefined) {
    return undefined;
  }
  // A key begins where none continues: if it were tried at each letter, the time would be the square of its length.
  const pairs = [...rest.matchAll(/(?<![\w.])([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)];
  return {
    time,
    fields: Object.fromEntries(pairs.map(([, key = "", quoted, plain]) => [key, quoted ?? plain])),
  };
}
