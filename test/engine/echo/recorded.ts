import { setTimeout as sleep } from "node:timers/promises";
import { NotReady } from "../../../rehearsal/plugins/protocol/provider";
import type { Call, Created, Existing, Provider, ResourceType } from "../../../rehearsal/plugins/protocol/provider";
import type { JsonObject, Props } from "../../../rehearsal/plugins/protocol/values";
import { type Called, type Failure, meet, readScript, record, recordedCalls } from "./world";

/** What a plugin knows of a call beside the engine's words. */
export interface Place {
  /** @see Called.subject */
  subject(props: Props): string;
  /** @see Called.cluster */
  cluster?(): string | undefined;
}

/** A provider, with what it knows of its calls. */
export interface Placed {
  readonly provider: Provider;
  /** Left out where it knows nothing. */
  readonly place?: Place;
}

/**
 * A provider whose calls are recorded, and fail or take their time as the world's script says.
 *
 * @param world Folder of the test's world.
 */
export function recorded(world: string, { provider, place = { subject: () => "" } }: Placed): Provider {
  const invoke = provider.invoke?.bind(provider);
  return {
    ...provider,
    resource: (type) => {
      const inner = provider.resource(type);
      return inner && recordedType(inner, place, world);
    },
    ...(invoke && {
      invoke: (token: string, args: JsonObject, call: Call) => {
        const result = invoke(token, args, call);
        return result && perform(world, "invoke", { ...call, type: token }, place, args, () => result);
      },
    }),
  };
}

function recordedType(type: ResourceType, place: Place, world: string): ResourceType {
  const [check, read] = [type.check?.bind(type), type.read?.bind(type)];
  const [update, remove] = [type.update?.bind(type), type.delete?.bind(type)];
  return {
    diff: (old, inputs, call) => type.diff(old, inputs, call),
    create: (inputs, call) => perform(world, "create", call, place, inputs, () => type.create(inputs, call), unready),
    ...(check && { check }),
    ...(read && {
      read: (old: Existing, call: Call) => perform(world, "read", call, place, old.inputs, () => read(old, call)),
    }),
    ...(update && {
      update: (old: Existing, inputs: Props, call: Call) =>
        perform(
          world,
          "update",
          call,
          place,
          inputs,
          () => update(old, inputs, call),
          (state, message) => unready({ id: old.id, state }, message),
        ),
    }),
    ...(remove && {
      delete: (old: Existing, call: Call) => perform(world, "delete", call, place, old.inputs, () => remove(old, call)),
    }),
  };
}

function unready({ id, state }: Created, message: string): Error {
  return new NotReady(message, id, state);
}

async function perform<Result>(
  world: string,
  method: Called["method"],
  call: Call,
  place: Place,
  props: Props,
  work: () => Result | Promise<Result>,
  notReady?: (result: Result, message: string) => Error,
): Promise<Result> {
  const { type, name, preview } = call;
  const script = readScript(world);
  const matches = ({ resource }: { readonly resource: string }) => new RegExp(resource).test(`${type}::${name}`);
  const failure = preview
    ? undefined
    : script.failures.find((fault) => fault.method === method && matches(fault) && !exhausted(world, fault));
  const delay = preview ? undefined : script.delays.find(matches);
  const start = Date.now();
  let outcome: Called["outcome"] = "refused";
  try {
    if (delay !== undefined) {
      await sleep(delay.milliseconds);
    }
    if (!preview && script.together && matches(script.together)) {
      await meet(world, `${method} ${name}`, script.together.count);
    }
    const message = failure?.message ?? `the test's world has ${method} fail`;
    if (failure !== undefined && !(failure.unready && notReady)) {
      throw new Error(message);
    }
    const result = await work();
    if (failure !== undefined && notReady) {
      outcome = "unready";
      throw notReady(result, message);
    }
    outcome = "done";
    return result;
  } finally {
    const cluster = place.cluster?.();
    record(world, {
      method,
      type,
      name,
      subject: place.subject(props),
      ...(cluster !== undefined && { cluster }),
      preview,
      start,
      end: Date.now(),
      outcome,
    });
  }
}

/** Whether a failure has happened as often as it shall. */
function exhausted(world: string, { method, resource, times }: Failure): boolean {
  const pattern = new RegExp(resource);
  return (
    times !== undefined &&
    recordedCalls(world).filter(
      (call) => call.method === method && call.outcome !== "done" && pattern.test(`${call.type}::${call.name}`),
    ).length >= times
  );
}
