import type { Place } from "../../kubernetes";
import type { Cluster } from "../inventory";

/** How long one call may take, in seconds. */
export const patience = 5;

/** How many calls are under way at once from one pod, and after how many seconds no more are begun. */
const [together, mostSeconds] = [32, 10];

/** Stands for curl's exit code where a call was not made. */
const notMade = -2;

/** What one call from a pod came to. */
export interface Call {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Why there was none. */
  readonly reason: string;
  /** Whether it was made: so many others had no answer that there was no time for it. */
  readonly made: boolean;
}

/** Calls URLs side by side, each in a shell of its own: those that don't answer would hold up the others. */
const script = `
start=$(date +%s); made=0
for url in "$@"; do
  if [ $(($(date +%s) - start)) -ge ${String(mostSeconds)} ]; then
    echo "$url 000 ${String(notMade)}"
    continue
  fi
  (status=$(curl -g -k -s -o /dev/null -w '%{http_code}' --max-time ${String(patience)} "$url"); echo "$url $status $?") &
  made=$((made + 1))
  [ $((made % ${String(together)})) -ne 0 ] || wait
done
wait`;

/**
 * Calls URLs from a pod with a shell and curl, by one command.
 *
 * @throws Unreachable where the command can't be run.
 */
export async function callFrom(cluster: Cluster, place: Place, urls: readonly string[]): Promise<Map<string, Call>> {
  const printed = await cluster.run(place, ["sh", "-c", script, "sh", ...urls]);
  const lines = printed.split("\n").map((line) => line.split(" "));
  const calls = new Map(lines.map(([url = "", status = "", exit = ""]) => [url, callOf(Number(status), Number(exit))]));
  return new Map(urls.map((url) => [url, calls.get(url) ?? callOf(0, -1)]));
}

/** What curl's exit codes mean (its manual, EXIT CODES), for those that a network gives reason to. */
const reasons: Readonly<Record<number, string>> = {
  [notMade]: `there was no time for it: others had no answer for ${String(mostSeconds)} seconds`,
  6: "the host name does not resolve there",
  7: "connection refused, or no route",
  28: `no answer within ${String(patience)} seconds`,
  35: "the TLS handshake failed",
  52: "the connection was closed without an answer",
  56: "the connection was reset",
};

export function reasonOf(exit: number): string {
  return reasons[exit] ?? `curl exited with ${String(exit)}`;
}

function callOf(status: number, exit: number): Call {
  return {
    status: Number.isFinite(status) ? status : 0,
    reason: exit === 0 ? "" : reasonOf(exit),
    made: exit !== notMade,
  };
}
