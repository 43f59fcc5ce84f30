import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { rehearsedSettings } from "../../../rehearsal/settings";
import { readStackFile, RehearsalError } from "../../../rehearsal/stack-file";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-stack-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function rehearsed(file: unknown) {
  writeFileSync(join(folder, "Pulumi.prod.yaml"), typeof file === "string" ? file : stringify(file));
  const { keys, environments } = await readStackFile(folder, "prod");
  return rehearsedSettings(keys, folder, environments);
}

/** What the console says of an environment whose file has this one. */
async function said(file: unknown): Promise<string> {
  const refused = await rehearsed(file).catch((error: unknown) => error);
  return refused instanceof RehearsalError ? refused.message : "no RehearsalError";
}

const clusters = [{ name: "a", provisioner: "existing", context: "a" }];
const community = { "flatmesh:distribution": "community" };
const unopened = (names: string) =>
  `what environment ${names} gives can't be seen: only what the stack's file says itself counts`;

describe("a rehearsal of a stack that takes settings from Pulumi ESC", () => {
  it("says which environments it can't see, and takes placeholders for what they may give", async () => {
    const { settings, changes } = await rehearsed({
      environment: ["acme/licences", "acme/eks@stable"],
      config: { "flatmesh:clusters": clusters, "flatmesh:root": { certificate: "PEM" } },
    });
    expect(settings).toMatchObject({ license: { value: "rehearsal" }, root: { source: "generate" } });
    expect(changes).toEqual([
      unopened("acme/licences, acme/eks@stable"),
      "root is left out, since the environment gives it",
      "a placeholder stands for the missing licence",
      "a placeholder stands for the missing repo key",
      "a is a kwok cluster instead of an existing one",
    ]);
  });

  it("reads what stands in the file's own definition as it is, below what the stack sets itself", async () => {
    const { settings, changes } = await rehearsed(`
environment:
  imports:
    - acme/eks
    - acme/shared: { merge: false }
  values:
    eks:
      fn::open::pulumi-stacks: { stacks: { prod: { stack: eks/prod } } }
    pulumiConfig:
      flatmesh:clusters:
        - name: a
          provisioner: existing
          kubeconfig: { fn::toJSON: "\${eks.prod.kubeconfig}" }
          region: \${region}
        - { name: b, provisioner: existing, kubeconfig: "\${eks.prod.kubeconfig}", context: b, podSubnet: 10.96.0.0/16 }
      flatmesh:license: \${solo.license}
      flatmesh:repoKey: { fn::secret: 0123456789ab }
      flatmesh:network: from-environment
      trustDomain: mesh.example.com
      flatmesh:demo: { sidecars: true }
      aws:region: eu-central-1
config:
  flatmesh:network: from-stack
`);
    expect(settings).toMatchObject({
      network: "from-stack",
      trustDomain: "mesh.example.com",
      demo: { sidecars: true },
      clusters: [{ name: "a" }, { name: "b", podSubnet: "10.96.0.0/16" }],
    });
    expect(changes).toEqual([
      unopened("acme/eks, acme/shared"),
      "kubeconfigs that the environment gives are left out",
      "clusters[0].region is left out, since the environment gives it",
      "a placeholder replaces the licence that the environment gives",
      "repoKey is left out, since the environment gives it",
      "a placeholder stands for the missing repo key",
      "a is a kwok cluster instead of an existing one",
      "b is a kwok cluster instead of an existing one",
    ]);
  });

  it("takes maps from both, as Pulumi merges them", async () => {
    const { settings } = await rehearsed({
      environment: {
        values: { pulumiConfig: { "flatmesh:root": { generate: { algorithm: "RSA", rootValidityDays: 400 } } } },
      },
      config: { ...community, "flatmesh:clusters": clusters, "flatmesh:root": { generate: { rootValidityDays: 900 } } },
    });
    expect(settings.root).toMatchObject({ algorithm: "RSA", rootValidityDays: 900 });
  });

  it.each([
    [{ environment: ["acme/prod"] }, "its environment (acme/prod) does"],
    [{ environment: { imports: ["acme/prod"] }, config: community }, "its environment (acme/prod) does"],
    [
      { environment: { values: { pulumiConfig: { "flatmesh:clusters": "${prod.clusters}" } } } },
      "which clusters there are: its environment does",
    ],
    [
      { environment: { values: { pulumiConfig: { "flatmesh:clusters": [{ name: "${n}", provisioner: "kwok" }] } } } },
      "which clusters there are: its environment does",
    ],
  ])("is refused where it can't be seen which clusters there are: %j", async (file, reason) => {
    const message = await said(file);
    expect(message).toMatch(/^Pulumi\.prod\.yaml does not say which clusters there are: /);
    expect(message).toContain(reason);
    expect(message).toContain("List flatmesh:clusters in the file");
  });

  it("does with a file that has neither", async () => {
    const { settings, changes } = await rehearsed({
      config: {
        ...community,
        "flatmesh:clusters": [{ ...clusters[0], kubeconfig: { secure: "v1:x" }, context: undefined }],
      },
    });
    expect(settings.clusters).toHaveLength(1);
    expect(changes).toEqual(["encrypted kubeconfigs are left out", "a is a kwok cluster instead of an existing one"]);
  });
});
