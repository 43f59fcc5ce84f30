/** Whatever a rehearsal starts, nobody reaches it from another machine: neither while it is at work nor afterwards. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { isLoopback, type Listener, listenersOf } from "../support/listeners";
import { Environment } from "./environment";
import { oneCluster } from "./one-cluster";

let environment: Environment;
const during = new Map<string, Listener>();
let after: readonly Listener[] = [];

beforeAll(async () => {
  environment = await Environment.open();
  const end = new AbortController();
  const rehearsing = environment.rehearse(oneCluster).finally(() => {
    end.abort();
  });
  while (!end.signal.aborted) {
    for (const listener of await listeners()) {
      during.set(JSON.stringify(listener), listener);
    }
    await new Promise((wake) => setTimeout(wake, 100));
  }
  await rehearsing;
  after = await listeners();
});
afterAll(() => environment.down());

/** Of the rehearsal's processes, and of this one, in which the program runs. */
async function listeners(): Promise<Listener[]> {
  return listenersOf([process.pid, ...(await environment.processes())]);
}

const isReachable = (listener: Listener): boolean => !isLoopback(listener);
const programs = (all: Iterable<Listener>): string[] => [...new Set([...all].map(({ program }) => program))].sort();

it("listens on 127.0.0.1 alone while it is at work, the engine and its plugins too", () => {
  expect(programs(during.values())).toEqual(expect.arrayContaining(["etcd", "kube-apiserver", "node", "pulumi"]));
  expect([...during.values()].filter(isReachable)).toEqual([]);
});

it("listens on 127.0.0.1 alone as long as its clusters run", () => {
  expect(programs(after)).toEqual(
    expect.arrayContaining(["etcd", "kube-apiserver", "kube-controller-manager", "kwok"]),
  );
  expect(after.filter(isReachable)).toEqual([]);
});
