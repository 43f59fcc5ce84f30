/** What pods of a mesh pull, and with what: upstream's charts rendered with the settings of private registries. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { istioTag, pinnedImages } from "../../components/mesh";
import { kind, parse } from "../unit/settings/config";
import { type Charts, openCharts } from "./charts";
import { accountOf, containersOf } from "./objects";
import { render } from "./rendering";

const clusters = [kind("plain"), kind("openshift", { platform: "openshift" })];
const images = "registry.example.com/istio";
const names = ["install-cni", "pilot", "proxyv2", "ztunnel"] as const;
const digests = Object.fromEntries(names.map((name, index) => [name, `sha256:${String(index).repeat(64)}`]));

let charts: Charts;
beforeAll(async () => {
  charts = await openCharts(parse({ clusters }));
});
afterAll(() => charts.close());

interface InjectorValues {
  readonly global: {
    readonly imagePullSecrets: readonly string[];
    readonly proxy: { readonly image: string };
    readonly proxy_init: { readonly image: string };
  };
}

interface InjectorConfig {
  readonly templates: Readonly<Record<string, string>>;
}

it("runs the images that have a digest by tag and digest, and pulls all of them with the Secrets", async () => {
  const imagePullSecrets = [{ name: "company" }, { name: "other" }];
  const settings = parse({ clusters, images, imageDigests: digests, imagePullSecrets });
  const image = (name: string) => `${images}/${name}:${istioTag(settings)}-distroless@${digests[name] ?? ""}`;
  expect(Object.values(pinnedImages(settings)).sort()).toEqual(names.map(image));
  for (const rendering of (await render(settings, charts)).values()) {
    const running = rendering.workloads.flatMap(containersOf).map((container) => container.image);
    expect(running.sort()).toEqual(["install-cni", "pilot", "ztunnel"].map(image));
    const accounts = rendering.workloads.map((workload) => accountOf(workload).replace(/.*\//, ""));
    expect(accounts).toHaveLength(3);
    for (const account of accounts) {
      expect(rendering.one("ServiceAccount", account).imagePullSecrets).toEqual(imagePullSecrets);
    }
    // istiod's own templates make the pods of sidecars, gateways and waypoints.
    const { global } = JSON.parse(rendering.text("istio-sidecar-injector", "values")) as InjectorValues;
    expect([global.proxy.image, global.proxy_init.image]).toEqual([image("proxyv2"), image("proxyv2")]);
    expect(global.imagePullSecrets).toEqual(["company", "other"]);
    const { templates } = parseYaml(rendering.text("istio-sidecar-injector", "config")) as InjectorConfig;
    for (const name of ["sidecar", "gateway", "kube-gateway", "waypoint"]) {
      // An image with a slash is a whole one.
      expect([name, templates[name]]).toEqual([
        name,
        expect.stringMatching(
          /contains "\/" \(annotation \.ObjectMeta `sidecar\.istio\.io\/proxyImage` \.Values\.global\.proxy/,
        ),
      ]);
      expect([name, templates[name]]).toEqual([name, expect.stringContaining("range .Values.global.imagePullSecrets")]);
    }
  }
}, 120_000);

it("runs the others by tag and variant", async () => {
  const settings = parse({ clusters, images, variant: "default", imageDigests: { ztunnel: digests["ztunnel"] } });
  const tag = istioTag(settings);
  for (const rendering of (await render(settings, charts)).values()) {
    const running = rendering.workloads.flatMap(containersOf).map((container) => container.image);
    expect(running.sort()).toEqual([
      `${images}/install-cni:${tag}`,
      `${images}/pilot:${tag}`,
      `${images}/ztunnel:${tag}@${digests["ztunnel"] ?? ""}`,
    ]);
  }
}, 120_000);
