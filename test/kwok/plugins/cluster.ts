import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { withLock } from "../../../rehearsal/tools/lock";

/** An API server of its own, without nodes, from the binaries on the PATH. */
export class TestCluster {
  private constructor(
    private readonly name: string,
    private readonly folder: string,
  ) {}

  static async create(): Promise<TestCluster> {
    const cluster = new TestCluster(`plugins-${randomBytes(3).toString("hex")}`, mkdtempSync(join(tmpdir(), "kwok-")));
    const binaries = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"];
    const found = binaries.flatMap((binary) => [
      `--${binary}-binary`,
      execFileSync("which", [binary === "kwok-controller" ? "kwok" : binary], { encoding: "utf8" }).trim(),
    ]);
    const options = ["--runtime", "binary", "--wait", "120s", "--disable-qps-limits", ...found];
    // kwokctl looks for free ports from the same number on: of two at a time, one's API server would work on the other's etcd.
    await withLock(
      join(tmpdir(), "flatmesh-test-ports.lock"),
      () => undefined,
      () => cluster.kwokctl("create", "cluster", ...options),
    );
    return cluster;
  }

  get kubeconfigFile(): string {
    return join(this.folder, "kubeconfig");
  }

  get kubeconfig(): string {
    return readFileSync(this.kubeconfigFile, "utf8");
  }

  kubectl(...args: string[]): string {
    return execFileSync("kubectl", ["--kubeconfig", this.kubeconfigFile, ...args], { encoding: "utf8" });
  }

  helm(...args: string[]): string {
    return execFileSync("helm", ["--kubeconfig", this.kubeconfigFile, ...args], { encoding: "utf8" });
  }

  async delete(): Promise<void> {
    await this.kwokctl("delete", "cluster");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async kwokctl(...args: string[]): Promise<void> {
    await promisify(execFile)("kwokctl", [...args, "--name", this.name, "--kubeconfig", this.kubeconfigFile], {
      env: { ...process.env, KWOK_WORKDIR: this.folder },
    });
  }
}
