import { CommandError, type EngineEvent, type UpOptions, type UpResult } from "@pulumi/pulumi/automation";
import { expect, it } from "vitest";
import { Console } from "../../../rehearsal/console";
import { RehearsalError } from "../../../rehearsal/stack-file";
import { runUpdate, UpdateFailed } from "../../../rehearsal/update";

class Silent extends Console {
  override write(): void {
    // Nobody reads it.
  }
}

/** What an update fails with whose engine tells of these events, and then ends with an error. */
async function failure(...events: readonly object[]): Promise<unknown> {
  // The SDK makes such an error of what its own class has no public constructor for.
  const error = Object.assign(Object.create(CommandError.prototype) as Error, { message: "Command was killed" });
  const up = ({ onEvent }: UpOptions = {}): Promise<never> => {
    for (const event of events) {
      onEvent?.(event as EngineEvent);
    }
    return Promise.reject(error);
  };
  return runUpdate({ up, cancel: () => Promise.resolve() }, new Silent(), new Map()).catch((reason: unknown) => reason);
}

const diagnostic = { severity: "error", message: "<{%fg 1%}>no such chart<{%reset%}>", urn: "urn:a::b::c::istiod" };

it("warnings of the program are shown, each once, but not that settings are in the clear", async () => {
  const lines: string[] = [];
  class Recorded extends Console {
    override step(message: string): void {
      lines.push(message);
    }
  }
  const events = [
    "<{%fg 3%}>no such value<{%reset%}>",
    "no such value",
    "a:license holds a secret that is not encrypted: x",
  ];
  const up = ({ onEvent }: UpOptions = {}): Promise<UpResult> => {
    events.forEach((message) => onEvent?.({ diagnosticEvent: { severity: "warning", message } } as EngineEvent));
    return Promise.resolve({} as UpResult);
  };
  await runUpdate({ up, cancel: () => Promise.resolve() }, new Recorded(), new Map());
  expect(lines).toEqual(["warning: no such value"]);
});

it("an update that the engine has ended says what was wrong, and goes on from there", async () => {
  const told = await failure({ diagnosticEvent: diagnostic }, { summaryEvent: {} });
  expect(told).toBeInstanceOf(UpdateFailed);
  expect(String(told)).toMatch(/it continues from here\.\n\nistiod: no such chart$/);
});

it("what ends the program is said once, and not as if it were of a resource", async () => {
  const ended = { diagnosticEvent: { severity: "error", message: "Cluster a: wrong" } };
  expect(String(await failure(ended, ended, { summaryEvent: {} }))).toMatch(/from here\.\n\nCluster a: wrong$/);
});

it.each([[[]], [[{ diagnosticEvent: diagnostic }]]])(
  "an update whose engine was ended starts over: nobody knows what it did",
  async (events) => {
    const told = await failure(...events);
    expect(told).toBeInstanceOf(RehearsalError);
    expect(told).not.toBeInstanceOf(UpdateFailed);
    expect(String(told)).toMatch(/the next run starts over\.\n\n[^]*Command was killed$/);
  },
);
