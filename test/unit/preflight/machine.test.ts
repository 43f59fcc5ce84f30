import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inotifyProblems, judgeMachine, nodesToBe, readMachineLacks } from "../../../preflight/machine";
import { report } from "../../../preflight/problems";
import { identityOf, namePrefixOf } from "../../../components/clusters/identity";
import { nothingRecorded } from "../../../components/clusters/ownership";
import { ownershipMark } from "../../../components/clusters/kind";
import type { KindClusterSettings, Settings } from "../../../settings";
import { kind, kwok, parse } from "../settings/config";
import { docker, podman } from "./engines";
import { kindSettings } from "../components/clusters/settings";
import { plannedClusters } from "../components/preflight";

describe("a machine for kind clusters", () => {
  let bin: string;
  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), "flatmesh-path-"));
    vi.stubEnv("PATH", bin);
    vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "");
    vi.stubEnv("DOCKER_HOST", "");
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(bin, { recursive: true });
  });

  const install = (program: string, script = "exit 0") => {
    writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, program), 0o755);
  };
  const checkSettings = async (settings: Settings) => {
    report(judgeMachine(await readMachineLacks(settings, plannedClusters(settings), nothingRecorded)));
  };
  const check = (...clusters: readonly object[]) =>
    checkSettings(parse({ clusters: clusters.length > 0 ? clusters : [kind("a")], loadBalancer: "none" }));

  it("has kind and a container engine", async () => {
    install("kind");
    install("docker", docker());
    await expect(check()).resolves.toBeUndefined();
  });

  it("is told at once all that it lacks, and where to get it", async () => {
    await expect(check()).rejects.toThrow(
      "This machine can't make kind clusters yet:\n" +
        "- the kind command is not on the PATH. Install it: https://kind.sigs.k8s.io/docs/user/quick-start/#installation\n" +
        "- the docker command is not on the PATH. Install a container engine, or name another in KIND_EXPERIMENTAL_PROVIDER.",
    );
  });

  it("has its container engine running", async () => {
    install("kind");
    install("docker", docker({ info: "exit 1" }));
    await expect(check()).rejects.toThrow(
      "- the container engine does not answer (docker info fails). Start it, and see that you may use it; docker context ls shows " +
        "which one is asked.",
    );
  });

  it("may have another engine than Docker", async () => {
    install("kind");
    install("podman", podman());
    vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "podman");
    await expect(check()).resolves.toBeUndefined();
  });

  it("has kubectl where contexts are wanted, of clusters of any tool", async () => {
    const contexts = (cluster: object) =>
      checkSettings(parse({ clusters: [cluster], contexts: true, loadBalancer: "none" }));
    const lacking = "- the kubectl command, which makes contexts, is not on the PATH. Install it";
    await expect(contexts(kwok("a"))).rejects.toThrow(`This machine can't make contexts yet:\n${lacking}`);
    install("kind");
    install("docker", docker());
    await expect(contexts(kind("a"))).rejects.toThrow(`This machine can't make kind clusters yet:\n${lacking}`);
    install("kubectl");
    await expect(contexts(kind("a"))).resolves.toBeUndefined();
    await expect(contexts(kwok("a"))).resolves.toBeUndefined();
  });

  it("is nobody's business without kind clusters", async () => {
    await expect(check(kwok("a"))).resolves.toBeUndefined();
  });
});

describe("the kernel's limits", () => {
  it("do for two clusters of one node where nobody has changed them", () => {
    expect(inotifyProblems({ instances: 128, watches: 8192 }, 2)).toEqual([]);
  });

  it("are asked for with the line that raises them", () => {
    expect(inotifyProblems({ instances: 128, watches: 524_288 }, 3)).toEqual([
      "fs.inotify.max_user_instances is 128, too low for the 3 nodes that it will have: their parts would fail with " +
        '"too many open files". Raise it: sudo sysctl fs.inotify.max_user_instances=512 (and put the setting into ' +
        "/etc/sysctl.d to keep it).",
    ]);
    expect(inotifyProblems({ instances: 128, watches: 8192 }, 5)).toHaveLength(2);
  });

  it("are asked for beyond what is advised where the nodes need more", () => {
    expect(inotifyProblems({ instances: 512, watches: 524_288 }, 100)).toEqual([
      expect.stringContaining("sudo sysctl fs.inotify.max_user_instances=3264"),
    ]);
  });

  it("are no matter where no node will come to be", () => {
    expect(inotifyProblems({ instances: 1, watches: 1 }, 0)).toEqual([]);
  });
});

describe("the nodes that a machine will have", () => {
  const a = kindSettings({ name: "a", workers: 2 });
  const b = kindSettings({ name: "b" });
  const wanted = plannedClusters({ clusters: [a, b], uniqueNames: false });
  const mine = { ...nothingRecorded, owner: "1111aaaa1111aaaa" };
  const nodesOf = (cluster: KindClusterSettings, machineName = cluster.name, owner = mine.owner) =>
    Array.from({ length: cluster.controlPlanes + cluster.workers }, () => ({
      cluster: machineName,
      mounts: ["/var", ownershipMark(owner, identityOf(cluster))],
    }));

  it("are those that are there, whoever made them, and those yet to be made", () => {
    expect(nodesToBe(wanted, false, [], mine)).toBe(4);
    expect(nodesToBe(wanted, false, [...nodesOf(b), { cluster: "other", mounts: [] }], mine)).toBe(5);
  });

  it("are none where nothing is to be made", () => {
    expect(nodesToBe(wanted, false, [...nodesOf(a), ...nodesOf(b)], mine)).toBe(0);
  });

  it("are those of a cluster that grows, without what it has now: that goes before", () => {
    const there = [...nodesOf({ ...a, workers: 0 }), ...nodesOf(b)];
    expect(nodesToBe(wanted, false, there, mine)).toBe(4);
  });

  it("are both the old and the new where each cluster has a name of its own", () => {
    const there = [...nodesOf({ ...a, workers: 0 }, "a-0a1b2c"), ...nodesOf(b, "b-0a1b2d")];
    expect(nodesToBe(wanted, true, there, mine)).toBe(5);
  });

  it("are none where version 0.1 has made them, and this stack's state has them", () => {
    const there = [...nodesOf(a, "a", "flatmesh/dev"), ...nodesOf(b, "b", "flatmesh/dev")];
    const former = new Map(
      [a, b].map((cluster) => {
        const mark = `flatmesh/dev/${identityOf(cluster)}`;
        return [namePrefixOf(cluster), { machineName: cluster.name, mark, authority: "", claimed: false }];
      }),
    );
    expect(nodesToBe(wanted, false, there, { former })).toBe(0);
    expect(nodesToBe(wanted, false, there, mine)).toBe(4);
  });

  it("are told from those of another environment whose clusters are called alike", () => {
    const there = [...nodesOf(a, "a-0a1b2c", "2222bbbb2222bbbb"), ...nodesOf(b, "b-0a1b2d", "2222bbbb2222bbbb")];
    expect(nodesToBe(wanted, true, there, mine)).toBe(8);
  });
});
