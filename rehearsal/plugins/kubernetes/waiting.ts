import { setTimeout as sleep } from "node:timers/promises";
import type { Call } from "../protocol/provider";
import { isNotFound } from "./cluster";
import type { Cluster } from "./cluster";
import type { Condition, Lack } from "./conditions";
import type { Discovery } from "./discovery";
import { annotation, field, kindOf, nameOf, namespaceOf } from "./object";
import type { KubeObject } from "./object";

const DEFAULT_TIMEOUT_SECONDS = 600;
const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 300;

export interface Waited {
  readonly object: KubeObject;
  /** Why it is not ready in time; undefined when it is. */
  readonly lack: Lack;
}

/** Looks at an object until it is ready, its time is up, or the user interrupts. */
export async function waitUntilReady(
  cluster: Cluster,
  discovery: Discovery,
  written: KubeObject,
  condition: Condition,
  call: Call,
): Promise<Waited> {
  const path = await discovery.path(kindOf(written), namespaceOf(written), nameOf(written));
  const end = deadline(written, call);
  let object = written;
  let said: Lack;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.4, LONGEST_PAUSE_MS)) {
    let lack: Lack;
    try {
      object = await cluster.get(path);
      lack = await condition(object, (kind) => peek(cluster, discovery, written, kind));
    } catch (error) {
      // The object has been written: whatever happens now must not let the state forget it.
      lack = error instanceof Error ? error.message : String(error);
    }
    if (lack === undefined) {
      return { object, lack };
    }
    if (lack !== said) {
      said = lack;
      call.log("info", `waiting: ${lack}`, true);
    }
    if (call.signal.aborted) {
      return { object, lack: `interrupted while ${lack}` };
    }
    if (Date.now() >= end) {
      return { object, lack: `timed out: ${lack}` };
    }
    await sleep(pause);
  }
}

/** Waits until an object that was asked to go is gone. What is returned is still there when its time is up. */
export async function waitUntilGone(
  cluster: Cluster,
  path: string,
  object: KubeObject,
  call: Call,
): Promise<KubeObject | undefined> {
  const end = deadline(object, call);
  const uid = field(object, "metadata", "uid");
  let rest = object;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.4, LONGEST_PAUSE_MS)) {
    try {
      rest = await cluster.get(path);
    } catch (error) {
      if (isNotFound(error)) {
        return undefined;
      }
      throw error;
    }
    // Another object of the same name is not the one that was deleted.
    if (uid !== undefined && field(rest, "metadata", "uid") !== uid) {
      return undefined;
    }
    if (call.signal.aborted || Date.now() >= end) {
      return rest;
    }
    await sleep(pause);
  }
}

function deadline(object: KubeObject, call: Call): number {
  const annotated = Number(annotation(object, "pulumi.com/timeoutSeconds") || Number.NaN);
  const seconds = call.timeoutSeconds ?? (Number.isFinite(annotated) ? annotated : DEFAULT_TIMEOUT_SECONDS);
  return Date.now() + seconds * 1000;
}

async function peek(
  cluster: Cluster,
  discovery: Discovery,
  object: KubeObject,
  kind: string,
): Promise<KubeObject | undefined> {
  try {
    return await cluster.get(await discovery.path({ apiVersion: "v1", kind }, namespaceOf(object), nameOf(object)));
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}
