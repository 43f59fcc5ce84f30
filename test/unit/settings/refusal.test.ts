import { RunError } from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { Refusal, SettingsError } from "../../../settings";

const fault = { path: "network", problem: "is missing", remedy: "write one" };

describe.each([
  ["a refusal", new Refusal("Set the network."), "Set the network."],
  ["faults of the settings", new SettingsError([fault]), "network: is missing\n    → write one"],
])("%s", (_, error, message) => {
  it("is an error of which the engine prints the message alone", () => {
    expect(RunError.isInstance(error)).toBe(true);
    expect(error.message).toContain(message);
  });

  it("has no stack that a language host would spend minutes on", () => {
    expect(error.stack).toBeUndefined();
  });
});
