import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse as yaml } from "yaml";
import { type RecordedOwnership, recordedOwnership } from "../../../../components/clusters";
import { identityOf } from "../../../../components/clusters/identity";
import { readScript } from "../../../../components/script";
import { existing, kind, kwok, parse } from "../../settings/config";
import { type World, kubeconfigText, run, valueOf } from "../mocks";
import { clustersOf } from "../preflight";
import { kindSettings, kwokSettings } from "./settings";

const kubeconfig = kubeconfigText("elsewhere", "there");
const found = existing("found", { context: "there", kubeconfig });
const three = { clusters: [kind("a"), kwok("b"), found], loadBalancer: undefined };
const scopes = {
  a: `a-${identityOf(kindSettings({ name: "a" }))}`,
  b: `b-${identityOf(kwokSettings({ name: "b", podSubnet: "10.20.0.0/16", serviceSubnet: "10.255.20.0/24" }))}`,
};

describe.each([false, true])("the clusters of a stack, preview %s", (preview) => {
  it("are as their settings say, each with a provider of its own", async () => {
    const { all, value } = await clusters(three, { preview });
    expect(value.map(({ name }) => name)).toEqual(["a", "b", "found"]);
    expect(value.map(({ namePrefix }) => namePrefix)).toEqual([scopes.a, scopes.b, "found"]);
    expect(all("kubernetes").map(({ name }) => name)).toEqual([scopes.a, scopes.b, "found"]);
  });

  it("have an identifier that is known before they are", async () => {
    const { all } = await clusters(three, { preview });
    expect(all("kubernetes").map(({ inputs }) => inputs["clusterIdentifier"])).toEqual([scopes.a, scopes.b, "found"]);
  });

  it("update a Secret in its place: replaced, istiod's certificates would be gone for a moment", async () => {
    const { all } = await clusters(three, { preview });
    expect(all("kubernetes").map(({ inputs }) => inputs["enableSecretMutable"])).toEqual(["true", "true", "true"]);
  });

  it("go by themselves, but for those that were there before", async () => {
    const { value } = await clusters(three, { preview });
    expect(value.map(({ clusterResource }) => clusterResource !== undefined)).toEqual([true, true, false]);
  });

  it("keep their kubeconfigs secret", async () => {
    const { all, value } = await clusters(three, { preview });
    expect(await Promise.all(value.map(({ kubeconfig = pulumi.output("") }) => pulumi.isSecret(kubeconfig)))).toEqual([
      true,
      true,
      true,
    ]);
    for (const { name, inputs, secrets } of all("kubernetes")) {
      const known = inputs["kubeconfig"] !== undefined;
      expect(known).toBe(!preview || name === "found");
      // What is unknown can't be read, and is a secret as soon as it is known.
      expect(secrets.includes("kubeconfig")).toBe(known);
    }
  });
});

describe("a cluster that the stack makes", () => {
  it("is made and deleted by its tool's scripts, which are told whose it is", async () => {
    const { one } = await clusters(three);
    for (const [tool, name, scope] of [
      ["kind", "a", scopes.a],
      ["kwok", "b", scopes.b],
    ] as const) {
      const { inputs } = one("Command", scope);
      const script = (action: string) => readScript(`clusters/${tool}-${action}.sh`);
      expect(inputs).toMatchObject({
        create: 'eval "$CREATE"',
        delete: 'eval "$DELETE"',
        environment: {
          NAME: name,
          OWNER: "0123456789abcdef",
          IDENTITY: scope.slice(name.length + 1),
          CREATE: script("create"),
          DELETE: script("delete"),
        },
        // The kubeconfig is the standard output: it must not reach a log, nor the environment of another script.
        logging: "none",
        addPreviousOutputInEnv: false,
      });
    }
  });

  it("is taken over from version 0.1 where the state has it, and in every later plan alike", async () => {
    const [, identity = ""] = scopes.a.split("-");
    const command = (environment: object) =>
      recordedOwnership(
        new Map([
          [
            `command:local:Command ${scopes.a}`,
            { environment, stdout: "clusters:\n- cluster:\n    certificate-authority-data: QQ==\n" },
          ],
        ]),
      );
    const taken = { FORMER_MARKS: `flatmesh/dev/${identity}`, FORMER_AUTHORITY: "QQ==" };
    const first = command({ NAME: "a", OWNER: "flatmesh/dev", IDENTITY: identity });
    const second = command({ NAME: "a", OWNER: "0123456789abcdef", IDENTITY: identity, ...taken });
    const later = command({ NAME: "a", OWNER: "0123456789abcdef", IDENTITY: identity });
    const environmentOf = async (recorded: RecordedOwnership, cluster: object = kind("a")) => {
      const { all } = await run(() => clustersOf(parse({ clusters: [cluster] }), recorded));
      const command = all("Command").find(({ name }) => name.startsWith("a-"));
      return command?.inputs["environment"];
    };
    expect(await environmentOf(first)).toMatchObject({ OWNER: "0123456789abcdef", ...taken });
    expect(await environmentOf(second)).toMatchObject({ OWNER: "0123456789abcdef", ...taken });
    expect(await environmentOf(later)).not.toHaveProperty("FORMER_MARKS");
    // Another one of its name takes its place; that one knows it while it is not taken over, and no longer.
    expect(await environmentOf(first, kind("a", { workers: 1 }))).toMatchObject(taken);
    expect(await environmentOf(second, kind("a", { workers: 1 }))).not.toHaveProperty("FORMER_MARKS");
  });

  it("has its tool's context, and a name in the plan that changes with what it can't take on", async () => {
    const before = await clusters(three);
    const after = await clusters({
      ...three,
      clusters: [kind("a", { workers: 1 }), kwok("b", { region: "eu" }), found],
    });
    expect(await contexts(before.value)).toEqual(["kind-a", "kwok-b", "there"]);
    expect(after.value.map(({ namePrefix }) => namePrefix === scopes.a)).toEqual([false, false, false]);
    expect(after.value[1]?.namePrefix).toBe(scopes.b);
  });

  it("is reached by pods of other clusters by its node's name, or by kind's load balancer", async () => {
    const { value } = await clusters({ clusters: [kind("a"), kind("b", { controlPlanes: 3 }), kwok("c"), found] });
    const servers = await Promise.all(value.map(({ peerApiServerUrl }) => valueOf(peerApiServerUrl)));
    expect(servers).toEqual([
      "https://a-control-plane:6443",
      "https://b-external-load-balancer:6443",
      "https://127.0.0.1:6443",
      "https://127.0.0.1:6443",
    ]);
    expect(await Promise.all(value.map(({ peerApiServerUrl }) => pulumi.isSecret(peerApiServerUrl)))).not.toContain(
      true,
    );
  });
});

describe("unique names", () => {
  it("put a random suffix into names on the machine, and into none of the mesh or the plan", async () => {
    const { all, one, value } = await clusters({ ...three, uniqueNames: true });
    expect(all("RandomId").map(({ name, inputs }) => [name, inputs["byteLength"]])).toEqual([
      [`${scopes.a}-suffix`, 3],
      [`${scopes.b}-suffix`, 3],
      ["owner", 8],
    ]);
    expect(one("Command", scopes.a).inputs["environment"]).toMatchObject({ NAME: "a-abc123" });
    expect(value.map(({ name }) => name)).toEqual(["a", "b", "found"]);
    expect(value.map(({ namePrefix }) => namePrefix)).toEqual([scopes.a, scopes.b, "found"]);
    expect(await contexts(value)).toEqual(["kind-a-abc123", "kwok-b-abc123", "there"]);
    expect(await valueOf(value[0]?.peerApiServerUrl ?? pulumi.output(""))).toBe("https://a-abc123-control-plane:6443");
  });

  it("are left alone where nobody asks for them", async () => {
    expect((await clusters(three)).all("RandomId").map(({ name }) => name)).toEqual(["owner"]);
  });

  it("leave the first preview with unknown names, and a plan all the same", async () => {
    const { one } = await clusters({ ...three, uniqueNames: true }, { preview: true });
    expect(one("Command", scopes.a).inputs["environment"]).toMatchObject({ NAME: undefined, OWNER: undefined });
    expect(one("kubernetes", scopes.a).inputs["clusterIdentifier"]).toBe(scopes.a);
  });
});

describe("an existing cluster", () => {
  it("is reached by its own kubeconfig and context", async () => {
    const { one } = await clusters({ clusters: [found] });
    const { inputs } = one("kubernetes");
    expect(inputs["context"]).toBe("there");
    // And by nothing else of it: the other contexts' credentials are none of the stack's.
    const { contexts: all, ...given } = yaml(kubeconfig) as { contexts: { name: string }[] };
    const contexts = all.filter(({ name }) => name === "there");
    expect(yaml(String(inputs["kubeconfig"]))).toEqual({ ...given, "current-context": "there", contexts });
  });

  it("is reached by the kubeconfig's current context where none is given", async () => {
    const { value } = await clusters({ clusters: [{ ...found, context: undefined }] });
    expect(await contexts(value)).toEqual(["elsewhere"]);
  });
});

function clusters(settings: object, world?: World) {
  return run(() => clustersOf(parse({ ...settings })), world);
}

function contexts(all: ReturnType<typeof clustersOf>): Promise<(string | undefined)[]> {
  return Promise.all(all.map(({ context }) => valueOf(context)));
}
