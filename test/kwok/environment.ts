import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Console } from "../../rehearsal/console";
import { takeDown } from "../../rehearsal/down";
import { processesOf } from "../../rehearsal/processes";
import { projectFolder } from "../../rehearsal/program";
import { rehearse } from "../../rehearsal/rehearse";
import { kubeconfigFile, type Results } from "../../rehearsal/results";
import type { StackKeys } from "../../rehearsal/settings";
import { provideTools } from "../../rehearsal/tools";

/** An object as the API server has it. */
export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Keeps what a rehearsal tells the person at its console. */
class Transcript extends Console {
  readonly told: string[] = [];

  override write(text: string): void {
    this.told.push(text);
  }
}

/** A stack's rehearsal in a folder of its own, with the real engine and real API servers. */
export class Environment {
  readonly folder = mkdtempSync(join(tmpdir(), "flatmesh-"));
  readonly transcript = new Transcript();

  private constructor(
    private readonly kubectlProgram: string,
    private readonly helmProgram: string,
  ) {}

  static async open(): Promise<Environment> {
    const { programs } = await provideTools(["kubectl", "helm"], new Console());
    return new Environment(programs["kubectl"] ?? "kubectl", programs["helm"] ?? "helm");
  }

  /** Rehearses the stack with these `flatmesh:` keys: the first time, or as it is by now. */
  rehearse(keys: StackKeys): Promise<Results> {
    return rehearse({ stack: "test", keys, project: projectFolder, folder: this.folder }, this.transcript);
  }

  kubectl(cluster: string, ...args: string[]): string {
    return execFileSync(this.kubectlProgram, ["--kubeconfig", kubeconfigFile(this.folder, cluster), ...args], {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
  }

  helm(cluster: string, ...args: string[]): string {
    return execFileSync(this.helmProgram, ["--kubeconfig", kubeconfigFile(this.folder, cluster), ...args], {
      encoding: "utf8",
    });
  }

  /** Runs a line as a person would in a shell, with kubectl and Helm, and the contexts of all clusters. */
  shell(line: string): string {
    const kubeconfigs = readdirSync(this.folder).filter((file) => file.endsWith(".kubeconfig"));
    return execFileSync("sh", ["-c", line], {
      encoding: "utf8",
      env: {
        ...process.env,
        PATH: [this.kubectlProgram, this.helmProgram]
          .map(dirname)
          .concat(process.env["PATH"] ?? "")
          .join(delimiter),
        KUBECONFIG: kubeconfigs.map((file) => join(this.folder, file)).join(delimiter),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs kubectl with a kubeconfig of the mesh's own making. */
  kubectlWith(kubeconfig: string, ...args: string[]): string {
    const file = join(this.folder, "given.kubeconfig");
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    try {
      return execFileSync(this.kubectlProgram, ["--kubeconfig", file, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
    } finally {
      rmSync(file);
    }
  }

  get(cluster: string, kind: string, name: string, namespace = "default"): KubernetesObject {
    const text = this.kubectl(cluster, "get", kind, name, "--namespace", namespace, "--output", "json");
    return JSON.parse(text) as KubernetesObject;
  }

  /** Makes an object, or changes it to what the manifest says, as kubectl or as something else that declares objects. */
  apply(cluster: string, manifest: object, fieldManager = "kubectl"): void {
    const options = ["--server-side", "--force-conflicts", "--field-manager", fieldManager];
    this.write(cluster, JSON.stringify(manifest), "apply", ...options);
  }

  remove(cluster: string, manifest: object): void {
    this.write(cluster, JSON.stringify(manifest), "delete", "--wait", "--ignore-not-found");
  }

  /** Puts an object back as `get --output json` once gave it, its status included. */
  restore(cluster: string, text: string): void {
    const object = JSON.parse(text) as KubernetesObject & { readonly status?: unknown };
    const manifest = JSON.stringify(withoutIdentity(object));
    this.write(cluster, manifest, "delete", "--ignore-not-found", "--wait");
    this.write(cluster, manifest, "create");
    if (object.status !== undefined) {
      // A patch, since controllers write to the object that was just made: a replace would conflict with them.
      const patch = JSON.stringify([{ op: "add", path: "/status", value: object.status }]);
      this.write(cluster, manifest, "patch", "--subresource=status", "--type=json", `--patch=${patch}`);
    }
  }

  /** Changes the text (JSON) of an object. */
  replace(
    cluster: string,
    [kind, name, namespace]: readonly [kind: string, name: string, namespace: string],
    change: (text: string) => string,
  ): void {
    const text = this.kubectl(cluster, "get", kind, name, "--namespace", namespace, "--output", "json");
    const changed = change(text);
    if (changed === text) {
      throw new Error(`nothing of ${kind} ${name} was changed`);
    }
    this.write(cluster, JSON.stringify(withoutIdentity(JSON.parse(changed) as KubernetesObject)), "replace");
  }

  /** Patches an object by the rules of its kind: lists such as containers are merged by name. */
  strategicPatch(
    cluster: string,
    [kind, name, namespace]: readonly [kind: string, name: string, namespace: string],
    change: object,
  ): void {
    this.kubectl(cluster, "patch", kind, name, "--namespace", namespace, "--patch", JSON.stringify(change));
  }

  /** Changes the text (JSON, without spaces) of a Gateway of the peering, and makes it anew: without a status. */
  replaceGateway(cluster: string, name: string, change: (text: string) => string): void {
    const gateway = { ...this.get(cluster, "gateway", name, "istio-eastwest"), status: undefined };
    this.kubectl(cluster, "delete", "gateway", name, "--namespace", "istio-eastwest");
    this.write(cluster, changedText(withoutIdentity(gateway), change), "create");
  }

  /** Changes the text (JSON, without spaces) of a Gateway's status. */
  replaceStatus(cluster: string, name: string, change: (text: string) => string): void {
    const gateway = this.get(cluster, "gateway", name, "istio-eastwest");
    this.write(cluster, changedText(withoutIdentity(gateway), change), "replace", "--subresource=status");
  }

  private write(cluster: string, manifest: string, ...args: string[]): void {
    execFileSync(
      this.kubectlProgram,
      ["--kubeconfig", kubeconfigFile(this.folder, cluster), ...args, "--filename", "-"],
      { input: manifest, stdio: ["pipe", "ignore", "pipe"] },
    );
  }

  /** Names of the objects of a kind in a namespace, in order. */
  names(cluster: string, kind: string, namespace: string): string[] {
    const text = this.kubectl(cluster, "get", kind, "--namespace", namespace, "--output", "name");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.slice(line.indexOf("/") + 1));
  }

  processes(): Promise<number[]> {
    return processesOf(this.folder);
  }

  async down(): Promise<void> {
    await takeDown(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An object as it can be created again, or replaced whatever a controller has written since it was read. */
function withoutIdentity(object: object & { readonly metadata: object }): object {
  return { ...object, metadata: { ...object.metadata, resourceVersion: undefined, uid: undefined } };
}

function changedText(object: object, change: (text: string) => string): string {
  const text = JSON.stringify(object);
  const changed = change(text);
  if (changed === text) {
    throw new Error("nothing was changed");
  }
  return changed;
}
