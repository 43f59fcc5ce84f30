import * as pulumi from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { inform, PreconditionError, warn } from "../../diagnostics";
import { SettingsError } from "../../settings";

const see = "docs/settings.md#network";
const issue = { path: "network", problem: "is missing", remedy: "write one" };

describe.each([
  ["a precondition error", new PreconditionError("Set the network.", see), `Set the network.\nSee ${see}`],
  ["issues of the settings", new SettingsError([issue]), "network: is missing\n    → write one"],
])("%s", (_, error, message) => {
  it("is an error of which the engine prints the message alone", () => {
    expect(RunError.isInstance(error)).toBe(true);
    expect(error.message).toContain(message);
  });

  it("has no stack that a language host would spend minutes on", () => {
    expect(error.stack).toBeUndefined();
  });
});

describe("what a cluster has said", () => {
  const said = "\u001b[2J\u202egone <{%boom%}>\n::add-mask::a";
  const shown = "\\x1b[2J\\u202egone \\x3c{%boom%}\\x3e\n\\x3a:add-mask::a";
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("is printable in a precondition error, and in issues of the settings", () => {
    expect(new PreconditionError(`Cluster a: ${said}`, see).message).toBe(`Cluster a: ${shown}\nSee ${see}`);
    expect(new SettingsError([{ ...issue, remedy: said }]).message).toContain(shown);
  });

  it("is printable in warnings and the like", () => {
    const spies = [vi.spyOn(pulumi.log, "warn"), vi.spyOn(pulumi.log, "info")];
    spies.forEach((spy) => spy.mockResolvedValue());
    warn(said);
    inform(said);
    expect(spies.map((spy) => spy.mock.calls)).toEqual([[[shown]], [[shown]]]);
  });
});
