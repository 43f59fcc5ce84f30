import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";
import { stackSettings } from "../../../settings";
import { stack } from "./config";

const mocks: pulumi.runtime.Mocks = { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) };

describe("the settings of the running stack", () => {
  afterEach(() => {
    pulumi.runtime.setAllConfig({});
  });

  it("are the flatmesh keys of its configuration", async () => {
    await pulumi.runtime.setMocks(mocks, "flatmesh", "dev", true, "organization");
    const own = Object.entries(stack({ network: "net" })).map(([key, text]) => [`flatmesh:${key}`, text] as const);
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(own), "pulumi:tags": "{}", "other:network": "x" });
    expect(stackSettings()).toMatchObject({ network: "net", clusters: [{ name: "a" }, { name: "b" }] });

    pulumi.runtime.setConfig("flatmesh:peerStacks", '["organization/flatmesh/dev"]');
    expect(stackSettings).toThrow(/peerStacks\[0\].*is this stack itself/);
  });
});
