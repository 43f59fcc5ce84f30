import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { quoted } from "../../../printable";
import environment from "../../..";
import {
  attacks,
  hostileSecret,
  hostileText,
  peerCluster,
  peerOutputs,
  readerKubeconfig,
  type StackOutputs,
} from "../../support/hostile-peer";
import { playKindMachine } from "../../support/kind-machine";
import { config, kind } from "../settings/config";
import { type Inputs, type Recorded, refusals, run } from "../components/mocks";

const east = "organization/flatmesh/east";
const gatewayApi = { version: "v1.4.99", manifests: join(__dirname, "../../engine/support/gateway-api.yaml") };
const distributions = {
  solo: { distribution: "solo", license: "a-licence", repoKey: "0123456789ab" },
  community: { distribution: "community" },
} as const;

let undo: () => void;
beforeEach(() => {
  undo = playKindMachine();
});
afterEach(() => {
  undo();
});

/** Runs index.ts as a stack that peers with another one. */
function program(distribution: "solo" | "community", outputs: StackOutputs, onResource?: (made: Recorded) => void) {
  const settings = { ...distributions[distribution], clusters: [kind("a")], peerStacks: [east], gatewayApi };
  const texts = Object.entries(config(settings)).map(([key, text]) => [`flatmesh:${key}`, text]);
  return run(
    () => {
      pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>);
      return environment();
    },
    { stacks: { [east]: outputs }, ...(onResource && { onResource }) },
  );
}

describe.each(["meshPeer", "outputs"] as const)("a peer stack that tells by %s", (telling) => {
  it.each(["solo", "community"] as const)("is linked to where it is one of %s without guile", async (distribution) => {
    const { value } = await program(distribution, peerOutputs(telling, distribution));
    expect(value.links).toEqual([expect.objectContaining({ from: "a", to: peerCluster })]);
    expect(value.peers).toEqual({ [east]: [peerCluster] });
    expect(value.missingPeers).toEqual([]);
  });

  const all = attacks(telling).map((attack) => [attack.what, attack] as const);
  it.each(all)("is refused by name for %s, with nothing made", async (_, { distribution, outputs, key }) => {
    const made: string[] = [];
    const messages = await refusals(() => program(distribution, outputs, ({ name }) => made.push(name)));
    expect(made).toEqual([]);
    expect(messages).toHaveLength(1);
    const [message = ""] = messages;
    expect(message.startsWith(`peerStacks: what stack ${east} says in its outputs can't be used`)).toBe(true);
    expect(message).toContain(`  - ${key} `);
    // What it says is quoted as little as helps to find it, and never such that it could be taken for something else.
    expect(message.length).toBeLessThan(3000);
    expect(message).not.toContain(hostileSecret);
    expect(message).not.toMatch(/[^ -~\n“”…]/);
    expect(message).not.toContain("```");
    expect(message).not.toContain("<img");
  });
});

describe("what a peer stack hands out", () => {
  it("comes into a remote Secret written anew, of what is allowed alone", async () => {
    const text = JSON.stringify(parse(readerKubeconfig(peerCluster)));
    const outputs = { ...peerOutputs("meshPeer", "community"), remoteAccess: { [peerCluster]: text } };
    const { all, one } = await program("community", outputs);
    const secret = all("kubernetes:core/v1:Secret").find(({ name }) => name.endsWith(`-remote-secret-${peerCluster}`));
    expect(secret?.inputs["stringData"] as Inputs).toEqual({ [peerCluster]: readerKubeconfig(peerCluster) });
    expect(secret?.secrets).toContain("stringData");
    expect(one("Secret", secret?.name).inputs["metadata"]).toMatchObject({
      name: `istio-remote-secret-${peerCluster}`,
    });
  });

  it("is not read where it is of no use: the vendor's distribution takes nothing secret from a peer", async () => {
    const outputs = { ...peerOutputs("meshPeer"), remoteAccess: { [peerCluster]: {} } };
    expect((await program("solo", outputs)).value.links).toHaveLength(1);
  });
});

describe("a text that somebody else has written", () => {
  it("is quoted on one line, short, and without what could be taken for something else", () => {
    expect(quoted("eu")).toBe('"eu"');
    expect(quoted(hostileText)).toBe(
      '"eu\\u000a\\u0022]\\u000a\\u0060\\u0060\\u0060\\u000a\\u001b[2J\\u003cimg src=x onerror=alert(1…"',
    );
    expect(quoted("\u202eabc\u2028")).toBe('"\\u202eabc\\u2028"');
    expect(quoted("x".repeat(1000))).toBe(`"${"x".repeat(40)}…"`);
  });
});
