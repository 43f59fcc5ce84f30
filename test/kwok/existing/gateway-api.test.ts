/** Definitions of the Gateway API in a cluster that was there before, with the admission policy that their releases bring. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundledDefinitions } from "../../../preflight/gateway-api";
import { changes, FoundCluster } from "./found-cluster";

let cluster: FoundCluster;
beforeAll(async () => {
  cluster = await FoundCluster.create();
});
afterAll(() => cluster.delete());

const name = "safe-upgrades.gateway.networking.k8s.io";
const metadata = { name, annotations: { "gateway.networking.k8s.io/bundle-version": "v1.6.0" } };
const apiVersion = "admissionregistration.k8s.io/v1";
const resourceRules = [
  {
    apiGroups: ["apiextensions.k8s.io"],
    apiVersions: ["v1"],
    operations: ["CREATE", "UPDATE"],
    resources: ["customresourcedefinitions"],
  },
];
const annotation = "object.metadata.annotations['gateway.networking.k8s.io/bundle-version']";
/** The policy of v1.6.0, but for the channel. */
const policy = [
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata,
    spec: {
      failurePolicy: "Fail",
      matchConstraints: { resourceRules },
      validations: [
        {
          expression:
            "object.spec.group != 'gateway.networking.k8s.io' || (has(object.metadata.annotations) && (" +
            `matches(${annotation}, '-(rc)') || (!matches(${annotation}, 'v1.[0-5].\\\\d+') && !matches(${annotation}, 'v0'))))`,
          message: "Installing CRDs with version before v1.6.0 is prohibited by default.",
          reason: "Invalid",
        },
      ],
    },
  },
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata,
    spec: { policyName: name, validationActions: ["Deny"], matchResources: { resourceRules } },
  },
];

const settings = (gatewayApi: object = {}) => ({
  clusters: JSON.stringify([{ name: "found", provisioner: "existing", kubeconfig: cluster.kubeconfig }]),
  license: "a-licence",
  repoKey: "0123456789ab",
  gatewayApi: JSON.stringify(gatewayApi),
});

function installed(): readonly string[] {
  const path =
    "jsonpath={range .items[*]}{.metadata.name} {.metadata.annotations.gateway\\.networking\\.k8s\\.io/bundle-version}{'\\n'}{end}";
  const lines = cluster.kubectl("get", "customresourcedefinitions", "--output", path).split("\n");
  return [...new Set(lines.flatMap((line) => /^\S+\.gateway\.networking\.k8s\.io (.*)$/.exec(line)?.[1] ?? []))];
}

it("are brought up by the command that messages name, whoever made them", () => {
  const file = (release: string) => {
    const path = join(cluster.folder, `${release}.json`);
    writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "List", items: bundledDefinitions(release) }));
    return path;
  };
  cluster.kubectl("create", "-f", file("v1.4.0"));
  cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", file("v1.6.0"));
  expect(installed()).toEqual(["v1.6.0"]);
  cluster.kubectl("delete", "-f", file("v1.6.0"));
});

it("are not installed against the policy, and never taken back", async () => {
  cluster.apply(...policy);
  await expect
    .poll(
      () =>
        denial(() => {
          cluster.kubectl("create", "--dry-run=server", "-f", join(cluster.folder, "v1.4.0.json"));
        }),
      { timeout: 60_000, interval: 2000 },
    )
    .toMatch(/safe-upgrades.*denied request/);
  const before = await cluster.everythingSettled();
  const stack = await cluster.stack("guarded", settings());
  const { stdout } = await stack.preview();
  expect(stdout).toMatch(
    /Cluster found: pulumi up would refuse this: this stack has to install .* admits no release before v1\.6\.0/,
  );
  await expect(stack.up()).rejects.toThrow(
    /ValidatingAdmissionPolicy safe-upgrades.* admits no release before v1\.6\.0/,
  );
  expect(cluster.everything()).toEqual(before);

  await stack.setAllConfig({ "flatmesh:gatewayApi": { value: JSON.stringify({ version: "v1.6.0" }) } });
  cluster.playControllers();
  await stack.up();
  expect(installed()).toEqual(["v1.6.0"]);
  // Istio 1.28 would have an older one by default.
  await stack.setAllConfig({ "flatmesh:gatewayApi": { value: "{}" } });
  expect(changes(await stack.preview())).toEqual({ same: expect.any(Number) as number });
  await stack.setAllConfig({ "flatmesh:gatewayApi": { value: JSON.stringify({ version: "v1.5.1" }) } });
  await expect(stack.preview()).rejects.toThrow(
    /has installed the Gateway API v1\.6\.0, and its settings ask for v1\.5\.1/,
  );
  await stack.destroy();
  expect(installed()).toEqual([]);
});

function denial(action: () => void): string {
  try {
    action();
    return "";
  } catch (error) {
    return String(error);
  }
}
