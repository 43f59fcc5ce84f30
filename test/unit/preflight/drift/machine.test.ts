import { describe, expect, it } from "vitest";
import { machineScript } from "../../../../components/clusters";
import { absent, known, notLookedAt } from "../../../../preflight/datum";
import { judgeMachineDrift, type MachineDrift } from "../../../../preflight/drift/machine";
import { plannedClusters } from "../../components/preflight";
import { kind, parse } from "../../settings/config";

const settings = parse({ clusters: [kind("a")], loadBalancer: "cloud-provider-kind" });
const clusters = plannedClusters(settings);
const prefix = clusters[0]?.namePrefix ?? "";
const key = (name: string) => `command:local:Command ${name}`;

const state = new Map<string, unknown>([
  [
    key(`${prefix}-routes`),
    {
      stdin: "a-control-plane 10.20.0.0/24 172.18.0.4 b-control-plane\n",
      environment: { NODES: "a-control-plane", STARTED: "t1", NODE_NETWORK: "script", REPAIRED: "1: routes" },
    },
  ],
  [
    key(`${prefix}-images`),
    {
      stdin: "hub/pilot:1 sha256:1",
      stdout: "a-control-plane hub/pilot:1 docker.io/hub/pilot:1 sha256:2",
      environment: { CREATE: machineScript("images-load"), REPAIRED: "2: images" },
    },
  ],
  [
    key("load-balancers"),
    {
      environment: {
        NAME: "balancers",
        OWNER: "1111aaaa1111aaaa",
        IMAGE: "hub/balancers:1",
        CREATE: machineScript("load-balancers-create"),
        REPAIRED: "3: balancers",
      },
    },
  ],
]);
const machine = known({
  nodes: {
    [prefix]:
      "a-control-plane control-plane 172.18.0.2 10.10.0.0/24 t1\n+a-control-plane rules intact\n+a-control-plane images listed\n",
  },
  neighbourNodes: {},
  images: "hub/pilot:1 sha256:1",
  balancers: "absent\n",
});

function reasons(changes: Partial<MachineDrift> = {}, others: Partial<MachineDrift["settings"]> = {}) {
  const given = { clusters, machine, state, settings: { ...settings, ...others }, offline: false, ...changes };
  const { value, problems } = judgeMachineDrift(given, "preview");
  return { reasons: Object.values(value).map(({ reason }) => reason), count: problems.length };
}
const kept = { reasons: ["1: routes", "2: images", "3: balancers"], count: 0 };

describe("a machine that has lost something", () => {
  it("has each part put back by the Command that has made it", () => {
    expect(reasons()).toEqual({
      reasons: [
        "2: node a-control-plane: the route to 10.20.0.0/24 is missing",
        "3: node a-control-plane: image hub/pilot:1 is missing",
        "4: container balancers is gone",
      ],
      count: 3,
    });
  });

  it.each([
    ["nobody asks for drift", {}, { detectDrift: false }],
    ["nobody looked", { machine: notLookedAt, offline: true }, {}],
    ["the clusters are on another machine", { machine: absent }, {}],
  ])("keeps the reasons of the last repairs where %s", (_, changes, others) => {
    expect(reasons(changes, others)).toEqual(kept);
  });

  it("promises nothing for load balancers that the settings take away", () => {
    expect(reasons({}, { loadBalancer: "none" }).reasons).not.toContain("4: container balancers is gone");
  });
});
