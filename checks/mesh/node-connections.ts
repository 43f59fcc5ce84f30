import type { NodeContainer } from "../../kubernetes";
import type { objects } from "../inventory";

/** The output of a command in a node on this machine; undefined if the node is elsewhere. @throws Unreachable */
export type InNode = (node: NodeContainer, command: readonly string[]) => Promise<string | undefined>;

/** Where a TCP connection is tried to. */
export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** What came of it. `silent`: no answer in time, as where packets are dropped. */
export type Attempt = "open" | "refused" | "silent" | "unreachable" | "unknown";

/** Connects to each address and port, side by side, with what a node has: bash, and timeout of coreutils. */
const script = `
attempt() {
  said=$(timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); code=$?
  case "$code:$said" in
    0:*) came=open ;;
    124:*) came=silent ;;
    *refused*) came=refused ;;
    *) came=unreachable ;;
  esac
  echo "$1 $2 $came"
}
begun=0
while [ $# -ge 2 ]; do
  attempt "$1" "$2" &
  shift 2; begun=$((begun + 1))
  [ $((begun % 64)) -ne 0 ] || wait
done
wait`;

/**
 * Tries TCP connections from a node; by `<address> <port>` what came of each. Undefined if the node is elsewhere.
 *
 * @throws Unreachable
 */
export async function tryFromNode(
  node: NodeContainer,
  targets: readonly Target[],
  inNode: InNode,
): Promise<ReadonlyMap<string, Attempt> | undefined> {
  const words = targets.flatMap(({ ip, port }) => [ip, String(port)]);
  const printed = await inNode(node, ["bash", "-c", script, "bash", ...words]);
  if (printed === undefined) {
    return undefined;
  }
  return new Map(
    printed.split("\n").flatMap((line): [string, Attempt][] => {
      const [ip = "", port = "", came = ""] = line.split(" ");
      return isAttempt(came) ? [[`${ip} ${port}`, came]] : [];
    }),
  );
}

function isAttempt(text: string): text is Attempt {
  return ["open", "refused", "silent", "unreachable"].includes(text);
}

/** The container that a node is, by the provider's id that kind gives it: kind://<engine>/<cluster>/<node>. */
export function nodeContainerOf({ name, providerId }: objects.Node): NodeContainer | undefined {
  const [, cluster] = /^kind:\/\/[^/]*\/([^/]+)\//.exec(providerId) ?? [];
  return cluster === undefined ? undefined : { node: name, cluster };
}
