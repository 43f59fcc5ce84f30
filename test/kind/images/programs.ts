import { join } from "node:path";
import {
  catalogue,
  Go,
  istioModule,
  kept,
  kubernetesSource,
  type GoPrograms,
  type GoSource,
} from "../../../rehearsal/tools";
import { digest, there, type Ingredient } from "./ingredient";

/** The version of Kubernetes in the nodes that are made of packages, such as `v1.34.4`. */
export const kubernetesVersion = `v${kubernetesSource("kubelet").version}`;

/** All of them run in containers. */
const system = "linux";

const parts = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubeadm",
  "kubectl",
  "kubelet",
] as const;

/** What a node runs of Kubernetes, and its etcd. */
export const kubernetes = {
  name: "kubernetes",
  system,
  programs: [
    ...parts.map((name) => ({ name, source: kubernetesSource(name) })),
    { name: "etcd", source: catalogue.etcd.go },
  ],
  // Those that the tools of `npm test` are built with: most of it is compiled already where that has run.
  beside: [catalogue.pulumi.go, catalogue.kwok.go],
} satisfies GoPrograms;

export const coredns = {
  name: "coredns",
  system,
  programs: [
    {
      name: "coredns",
      source: {
        version: "1.14.3",
        module: "github.com/coredns/coredns",
        package: "github.com/coredns/coredns",
        stamps: {},
      },
    },
  ],
} satisfies GoPrograms;

/** Istio's programs, which say of themselves that they are of that version. */
export function istioPrograms(version: string): GoPrograms {
  const source = (path: string): GoSource => ({
    version: istioModule.version.replace(/^v/, ""),
    module: istioModule.path,
    package: `${istioModule.path}/${path}`,
    // As Istio's own Makefile builds them.
    tags: ["vtprotobuf", "disable_pgv"],
    stamps: {
      "istio.io/istio/pkg/version.buildVersion": version,
      "istio.io/istio/pkg/version.buildTag": version,
      "istio.io/istio/pkg/version.buildStatus": "Clean",
    },
  });
  return {
    name: "istio",
    system,
    programs: [
      { name: "pilot-discovery", source: source("pilot/cmd/pilot-discovery") },
      { name: "istio-cni", source: source("cni/cmd/istio-cni") },
      { name: "install-cni", source: source("cni/cmd/install-cni") },
    ],
  };
}

const ownSources = join(__dirname, "programs");

/** A program of the folder `programs`. */
export function ownProgram(name: "echo" | "envoy" | "load-balancer" | "pause" | "ztunnel"): Ingredient {
  // Not of the whole folder: the nodes' image, which has one of them in it, takes minutes.
  const key = digest(there(join(ownSources, "go.mod")).key, there(join(ownSources, name)).key);
  const place = join("programs", `own-${name}-${key}`);
  return {
    key: join(place, name),
    provide: async (progress) => {
      const folder = await kept(place, progress, async (scratch) => {
        const go = await Go.find(progress, system);
        await go.run(
          ["build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", `${scratch}/out/`, `./${name}`],
          ownSources,
        );
        return join(scratch, "out");
      });
      return join(folder, name);
    },
  };
}
