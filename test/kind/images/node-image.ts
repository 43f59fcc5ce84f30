import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import {
  catalogue,
  Go,
  stopwatch,
  which,
  withCacheLock,
  withHeartbeat,
  withScratch,
  type Progress,
} from "../../../rehearsal/tools";
import { docker, hasImages } from "./engine";
import { digest, programOf, there, type Ingredient } from "./ingredient";
import { nameOf, programImage, provideImage, type Image } from "./image";
import { coredns, kubernetes, kubernetesVersion, ownProgram } from "./programs";
import { rootFileSystem } from "./root-file-system";

const recipes = join(__dirname, "node");

/** A Debian system with what programs need that set up a node's network. */
export const networkTools: Image = {
  repository: "flatmesh.test/network-tools",
  dockerfile: "ADD root.tar /",
  ingredients: {
    "root.tar": rootFileSystem("network-tools", ["iptables", "nftables", "ipset", "conntrack", "iproute2", "kmod"]),
  },
};

/** The images that a node has from the start, called like those that kubeadm asks for. */
const contained: readonly Image[] = [
  ...["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"].map((name) =>
    programImage(`flatmesh.test/${name}`, programOf(kubernetes, name), `/usr/local/bin/${name}`, []),
  ),
  programImage(
    "flatmesh.test/kube-proxy",
    programOf(kubernetes, "kube-proxy"),
    "/usr/local/bin/kube-proxy",
    [],
    networkTools,
  ),
  programImage("flatmesh.test/coredns", programOf(coredns, "coredns"), "/coredns", ['ENTRYPOINT ["/coredns"]']),
  programImage("flatmesh.test/pause", ownProgram("pause"), "/pause", ["USER 65535:65535", 'ENTRYPOINT ["/pause"]']),
];

/** A kind node image, made of Debian packages and Go modules. */
export interface NodeImage {
  readonly name: string;
  /** Makes it if the engine doesn't have it. */
  readonly provide: (progress: Progress) => Promise<void>;
}

/** The node image for this machine's engine. */
export async function nodeImage(): Promise<NodeImage> {
  const empty = await emptyNode();
  const name = `flatmesh.test/node:${kubernetesVersion}-${digest(nameOf(empty), ...contained.map(nameOf))}`;
  return {
    name,
    provide: async (progress) => {
      for (const image of [empty, ...contained]) {
        await provideImage(image, progress);
      }
      await withCacheLock("images", progress, async () => {
        if (!(await hasImages(name))) {
          await fill(nameOf(empty), name, progress);
        }
      });
    },
  };
}

/** A node without images in it. */
async function emptyNode(): Promise<Image> {
  const runtime = await engineRuntime();
  const recipe = (file: string): Record<string, Ingredient> => ({ [file]: there(join(recipes, file)) });
  return {
    repository: "flatmesh.test/empty-node",
    dockerfile: readFileSync(join(recipes, "Dockerfile"), "utf8"),
    ingredients: {
      "root.tar": rootFileSystem("node", [
        ...["systemd", "systemd-sysv", "dbus", "containerd", "runc", "containernetworking-plugins"],
        ...["iptables", "nftables", "ipset", "conntrack", "iproute2", "ethtool", "socat", "kmod"],
        ...["mount", "util-linux", "e2fsprogs", "procps", "jq", "curl", "ca-certificates"],
      ]),
      kind: kindFiles,
      kubeadm: programOf(kubernetes, "kubeadm"),
      kubelet: programOf(kubernetes, "kubelet"),
      kubectl: programOf(kubernetes, "kubectl"),
      ...recipe("pod-network.sh"),
      ...recipe("pod-network.service"),
      ...recipe("preload.sh"),
      ...recipe("prepare.sh"),
      ...recipe("default-cni.yaml"),
      ...recipe("default-storage.yaml"),
      ...(runtime && { runtime }),
    },
  };
}

/** What kind's own base image has of kind. */
const kindFiles: Ingredient = {
  key: `kind ${catalogue.kind.go.version}`,
  provide: async (progress) => {
    const { module, version } = catalogue.kind.go;
    const { folder } = await (await Go.find(progress)).module(module, `v${version}`, "/");
    return join(folder, "images", "base", "files");
  },
};

const runtimes = z.object({
  DefaultRuntime: z.string(),
  Runtimes: z.record(z.string(), z.object({ path: z.string().optional() })),
});

/** The engine's default runtime where that isn't runc: a machine that needs another one needs it in the nodes, too. */
async function engineRuntime(): Promise<Ingredient | undefined> {
  const { DefaultRuntime, Runtimes } = runtimes.parse(JSON.parse(await docker(["info", "--format", "{{json .}}"])));
  const path = Runtimes[DefaultRuntime]?.path;
  if (DefaultRuntime === "runc" || path === undefined) {
    return undefined;
  }
  const file = isAbsolute(path) ? path : await which(path);
  // Not there: the engine runs on another machine, as in Docker Desktop, whose registries are within reach.
  return file !== undefined && existsSync(file) ? there(file) : undefined;
}

/** Makes the complete node of the empty one. */
async function fill(empty: string, name: string, progress: Progress): Promise<void> {
  const container = `flatmesh-test-node-${String(process.pid)}`;
  const elapsed = stopwatch();
  await withScratch("images", (folder) =>
    withHeartbeat(
      progress,
      (seconds) => `still putting Kubernetes' images into the image ${name} … ${String(seconds)} s`,
      async () => {
        await docker(["save", "--output", join(folder, "images.tar"), ...contained.map(nameOf)]);
        try {
          await docker([
            ...["run", "--name", container, "--privileged", "--volume", `${folder}:/mnt:ro`],
            ...["--entrypoint", "/kind/bin/preload.sh", empty, "/mnt/images.tar"],
          ]);
          const entrypoint = (
            await docker(["image", "inspect", "--format", "{{json .Config.Entrypoint}}", empty])
          ).trim();
          await docker(["commit", "--change", `ENTRYPOINT ${entrypoint}`, "--change", "CMD []", container, name]);
        } finally {
          await docker(["rm", "--force", "--volumes", container]).catch(() => undefined);
        }
      },
    ),
  );
  progress.step(`image ${name}: ready after ${String(elapsed())} s`);
}
