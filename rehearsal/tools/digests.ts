import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Platform, ToolName } from "./catalogue";
import { ToolError } from "./errors";

/** A platform as a key, such as `linux-amd64`. */
type PlatformKey = `${Platform["os"]}-${Platform["arch"]}`;

/** The archive with the control plane, which Kubernetes publishes for Linux only. */
const serverArchive = {
  "linux-amd64":
    "sha512:65c75e81e3ea488f6d42b493cad64d7577ddfa1e5372037a1c841ac069039997d359b5b2f2d44e7665bf04c48ed0065cf9d4c9801b1e63bb6a1b099ef00d4863",
  "linux-arm64":
    "sha512:a1fad7060ed67b5634f32f3256a295179dd887dab5c82b8550c2eb62c69df34cfbb311c8f93e7608d558eba32b9e2ddc23976db39e512fd747cc6bf9b4c1765f",
} as const;

/**
 * The digests of the downloads of the catalogue's versions. None was taken from the host that its file comes from: whoever
 * changes a file there can't change its digest here. A platform without a digest has no download.
 *
 * - pulumi: the formula of Pulumi's own Homebrew tap (pulumi/homebrew-tap, Formula/pulumi.rb).
 * - kubectl: kubespray's checksums.yml has those for Linux; a public Bazel toolchain has the same, and those for macOS.
 * - kube-*: the project's CHANGELOG/CHANGELOG-1.34.md, which has the archives only, by SHA-512.
 * - helm: Helm's notes on the release 4.1.4; several projects that pin it have the same.
 * - etcd: OpenStack Kolla and kubespray have those for Linux; Supabase's tool_checksums.sh has the same, and those for macOS.
 * - kwok: the Arch User Repository's kwok-bin and a Nix package agree; nobody publishes those for Macs with Intel processors.
 * - kind: several projects that pin 0.33.0 agree.
 */
const digests: Readonly<Record<ToolName, Readonly<Partial<Record<PlatformKey, Digest>>>>> = {
  pulumi: {
    "linux-amd64": "sha256:94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
    "linux-arm64": "sha256:edc8327463a72160bb36cf82cf5062da9c8a244290a706d9980988e7bf486853",
    "darwin-amd64": "sha256:eaca4c3b8277bfa3ab061fa3b270d1c66358a0b2e613da8c5587a04b7226c534",
    "darwin-arm64": "sha256:57c27f179e527e2cf9f62b841a448af72a020e44b2fb4ee0d9bd85556c00c864",
  },
  kubectl: {
    "linux-amd64": "sha256:d50c359d95e0841eaad08ddc27c7be37cba8fdccfba5c8e2ded65e121ff112db",
    "linux-arm64": "sha256:5b982c0644ab1e27780246b9085a5886651b4a7ed86243acbb2bacc1bea01dda",
    "darwin-amd64": "sha256:9861e775578651d903a779f840ff8e4c0013ae29a1ffc67f05d967262fcf734c",
    "darwin-arm64": "sha256:d9b239414a5fdf624835bfb62eef28a0885f1645d579f98056a9ab3293f51f87",
  },
  helm: {
    "linux-amd64": "sha256:70b2c30a19da4db264dfd68c8a3664e05093a361cefd89572ffb36f8abfa3d09",
    "linux-arm64": "sha256:13d03672be289045d2ff00e4e345d61de1c6f21c1257a45955a30e8ae036d8f1",
    "darwin-amd64": "sha256:abf09c8503ad1d8ef76d3737a058c3456a998aae5f5966fce4bb3031aeb1654e",
    "darwin-arm64": "sha256:7c2eca678e8001fa863cdf8cbf6ac1b3799f9404a89eb55c08260ef5732e658d",
  },
  etcd: {
    "linux-amd64": "sha256:4d5f3101daa534e45ccaf3eec8d21c19b7222db377bcfd5e5a9144155238c105",
    "linux-arm64": "sha256:323421fa279f4f3d7da4c7f2dfa17d9e49529cb2b4cdf40899a7416bccdde42d",
    "darwin-amd64": "sha256:3d66e809dc16f40a8fc0ec3809757ac0de42c18625afbdbd1e1b36bcabab7a77",
    "darwin-arm64": "sha256:d2de8f331abcf22b7815551a7a915258e909277bcbb2b119eb47ed37ab6ae05d",
  },
  "kube-apiserver": serverArchive,
  "kube-controller-manager": serverArchive,
  "kube-scheduler": serverArchive,
  kwok: {
    "linux-amd64": "sha256:f5a4385a2ae1b9dd7f8acae18e002a75c0ebba124ae9d7259aa8dadb50711f46",
    "linux-arm64": "sha256:628f7d277860f524a2a775c217adcc58828e7b59ab0933680315784f1b8b0e37",
    "darwin-arm64": "sha256:69a064ec98d37844d9d742b5b28ff57825659a983ccc3e208daa6948b94d64ba",
  },
  kwokctl: {
    "linux-amd64": "sha256:d5743166c657283d6e827c7c4c20cacfd9009fd94830f06718ca7b2c7099461f",
    "linux-arm64": "sha256:5a642b27d3e975f36040d215640cd90fb4a63cb6fca0ad5865a61bcd9c81051b",
    "darwin-arm64": "sha256:9323a59adb9c27854bd2a76652ad00258bcbb68acc40aba0dc21e362b67b7d6a",
  },
  kind: {
    "linux-amd64": "sha256:aee6151561422756b764a4ae28e7f44cda5af5a9eead3cc9985112b1de8d8e0d",
    "linux-arm64": "sha256:20022bee6cfcd5086cb7234d218e3454e6090022f2a8f55d1fa7fcf42c3867a2",
    "darwin-amd64": "sha256:5a99f26f57246dc9319dd294803313197a0f34d33c525b3ea8b655db5916ece0",
    "darwin-arm64": "sha256:0c8c7dbe5e23594a198b786c4bc13dacc101fa6196b0cb0b23a1ca44e61f4b4f",
  },
};

/** The digest of a tool's download for a platform; undefined if there is no such download, or its digest is not known. */
export function digestFor(name: ToolName, { os, arch }: Platform): Digest | undefined {
  return digests[name][`${os}-${arch}`];
}

/** The algorithm, and the hash in lower-case hexadecimal. */
export type Digest = `sha256:${string}` | `sha512:${string}`;

/** The digest of a file's content. */
export async function digestOf(file: string, algorithm: "sha256" | "sha512"): Promise<Digest> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return `${algorithm}:${hash.digest("hex")}`;
}

/**
 * Verifies a file; removes it, and throws a ToolError, if its digest is another one.
 *
 * @param what The file, for the user, such as the URL that it comes from.
 */
export async function verify(file: string, expected: Digest, what: string): Promise<void> {
  const found = await digestOf(file, expected.startsWith("sha512:") ? "sha512" : "sha256");
  if (found !== expected) {
    await rm(file);
    throw new ToolError(
      `${what} does not match its digest in rehearsal/tools/digests.ts, and is not used: it has ${found}, expected was ${expected}. ` +
        "Something on the way has changed it (a proxy, a mirror, a broken connection): try again, or use another network",
    );
  }
}
