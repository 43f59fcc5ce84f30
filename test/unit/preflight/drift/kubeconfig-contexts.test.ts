import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { machineScript } from "../../../../components/clusters";
import { compareContexts, ownPlace } from "../../../../preflight/drift/kubeconfig-contexts";
import { plannedClusters } from "../../components/preflight";
import { kind, parse } from "../../settings/config";

const [cluster] = plannedClusters(parse({ clusters: [kind("a")] }));
const key = `command:local:Command ${cluster?.namePrefix ?? ""}-context`;

function kubeconfig(changes: { readonly server?: string; readonly key?: string; readonly user?: string } = {}) {
  const { server = "https://127.0.0.1:1", key: clientKey = "S0VZ", user = "kind-a" } = changes;
  return {
    "current-context": "kind-a",
    contexts: [{ name: "kind-a", context: { cluster: "kind-a", user, namespace: "mine" } }],
    clusters: [{ name: "kind-a", cluster: { server, "certificate-authority-data": "Q0E=" } }],
    users: [{ name: user, user: { "client-certificate-data": "Q0VSVA==", "client-key-data": clientKey } }],
  };
}

let folder: string;
let before: string | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-contexts-"));
  before = process.env["KUBECONFIG"];
  process.env["KUBECONFIG"] = join(folder, "config");
});
afterEach(() => {
  if (before === undefined) {
    delete process.env["KUBECONFIG"];
  } else {
    process.env["KUBECONFIG"] = before;
  }
  rmSync(folder, { recursive: true });
});
const have = (content: unknown) => {
  writeFileSync(join(folder, "config"), typeof content === "string" ? content : JSON.stringify(content));
};

function texts(changes: { readonly CREATE?: string; readonly place?: string } = {}) {
  const { CREATE = machineScript("context-add"), place = ownPlace() } = changes;
  const recorded = {
    stdin: JSON.stringify(kubeconfig()),
    stdout: `123 4\n${place}`,
    environment: { NAME: "kind-a", CREATE, REPAIRED: "1: something" },
  };
  const compared = compareContexts(cluster ? [cluster] : [], new Map([[key, recorded]]), ownPlace());
  expect(compared.map(({ repaired }) => repaired)).toEqual(["1: something"]);
  return compared.flatMap((one) => one.texts);
}

describe("a context of the kubeconfig that the stack has put it into", () => {
  it.each([
    ["is missing with the file", undefined, "context kind-a is missing from your kubeconfig"],
    ["is missing", { contexts: [] }, "context kind-a is missing from your kubeconfig"],
    [
      "leads elsewhere",
      kubeconfig({ server: "https://127.0.0.1:2" }),
      "context kind-a of your kubeconfig: its server changed",
    ],
    [
      "has other credentials",
      kubeconfig({ key: "T1RIRVI=" }),
      "context kind-a of your kubeconfig: its credentials changed",
    ],
    ["has lost its user", kubeconfig({ user: "other" }), "context kind-a is missing from your kubeconfig"],
  ])("%s", (_, content, text) => {
    if (content !== undefined) {
      have(content);
    }
    expect(texts()).toEqual([text]);
  });

  it("says nothing of what a kubeconfig holds", () => {
    have(kubeconfig({ key: "T1RIRVI=", server: "https://127.0.0.1:2" }));
    expect(texts().join()).not.toMatch(/T1RIRVI|S0VZ|127/);
  });

  it("is as it was added, whatever namespace its user works in", () => {
    have({ ...kubeconfig(), "current-context": "other" });
    expect(texts()).toEqual([]);
  });

  it("is not compared where the kubeconfig is not one", () => {
    have("[");
    expect(texts()).toEqual([]);
  });
});

it.each([
  ["somebody else's kubeconfig, or one on another machine", { place: "host 1000 /home/other/.kube/config" }],
  ["a context of another version, whose Command changes by itself", { CREATE: "another" }],
])("%s is not compared", (_, changes) => {
  expect(texts(changes)).toEqual([]);
});
