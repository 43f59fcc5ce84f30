import { expect, it } from "vitest";
import { judgeImageDigests } from "../../../preflight/image-digests";
import { parse } from "../settings/config";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const images = "registry.example.com/istio";
const release = (name: string, values: object) => [`kubernetes:helm.sh/v3:Release a-${name}`, { values }] as const;
const state = new Map([
  release("istiod", {
    image: `${images}/pilot:1.28.5-solo-distroless@${digest("a")}`,
    global: { proxy: { image: `${images}/proxyv2:1.28.5-solo-distroless@${digest("b")}` } },
  }),
  release("ztunnel", { image: `${images}/ztunnel:1.28.5-solo-distroless@${digest("c")}` }),
  release("istio-base", { profile: "ambient" }),
]);
const imageDigests = { pilot: digest("a"), proxyv2: digest("b"), ztunnel: digest("c"), "install-cni": digest("d") };
const refused = (changes: object) =>
  judgeImageDigests(parse({ images, imageDigests, ...changes }), state).map(({ message }) =>
    message.replace(/:.*/s, ""),
  );

it("a digest that stays while the version or the variant changes is refused, and nothing else", () => {
  expect(refused({})).toEqual([]);
  expect(refused({ images: "mirror.example.com/istio" })).toEqual([]);
  const is = (name: string, tag: string) =>
    `imageDigests.${name} is the digest of 1.28.5-solo-distroless, and the settings now ask for ${tag}`;
  expect(refused({ istioVersion: "1.28.6" })).toEqual(
    ["pilot", "ztunnel", "proxyv2"].map((name) => is(name, "1.28.6-solo-distroless")),
  );
  expect(refused({ variant: "fips", imageDigests: { ...imageDigests, pilot: digest("e") } })).toEqual(
    ["ztunnel", "proxyv2"].map((name) => is(name, "1.28.5-solo-fips")),
  );
  expect(refused({ istioVersion: "1.28.6", imageDigests: undefined })).toEqual([]);
  expect(judgeImageDigests(parse({ images, imageDigests }), new Map())).toEqual([]);
});
