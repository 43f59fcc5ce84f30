import { nodes } from "../support/nodes";
import { existing, kind, kwok, settings, type StackSettings } from "../support/settings";
import type { Script } from "../echo/world";

/** Stacks that an earlier version of the program has deployed, side by side. */
export interface Environment {
  /** What the settings say of each stack; `kubeconfigOf` gives those of clusters that were there before. */
  readonly stacks: Readonly<Record<string, (kubeconfigOf: (cluster: string) => string) => StackSettings>>;
  /** Clusters that were there before. */
  readonly found?: readonly string[];
  readonly script?: Partial<Script>;
}

const kindNodes = nodes({ a: { host: 2, podSubnet: "10.10.0.0/24" }, b: { host: 3, podSubnet: "10.20.0.0/24" } });
const community = { distribution: "community", license: "", repoKey: "" };
const peer = (name: string) => `organization/flatmesh/${name}`;

/** By name. */
export const environments: Readonly<Record<string, Environment>> = {
  kind: {
    stacks: { test: () => settings({ clusters: [kind("a"), kind("b")], contexts: true }) },
    script: { nodes: kindNodes },
  },
  "kind-community": {
    stacks: {
      test: () => settings({ ...community, clusters: [kind("a"), kind("b", { workers: 1 })], uniqueNames: true }),
    },
  },
  kwok: { stacks: { test: () => settings({ clusters: [kwok("a"), kwok("b")] }) } },
  existing: {
    stacks: { test: (kubeconfigOf) => settings({ clusters: [existing("a", kubeconfigOf("a"))], demo: false }) },
    found: ["a"],
  },
  "existing-community": {
    stacks: {
      test: (kubeconfigOf) =>
        settings({
          ...community,
          clusters: ["a", "b"].map((name) => ({
            ...existing(name, kubeconfigOf(name)),
            apiServer: `https://${name}.example:6443`,
          })),
        }),
    },
    found: ["a", "b"],
  },
  chart: {
    stacks: {
      test: () => settings({ clusters: [kind("a"), kind("b")], istioVersion: "1.29.0", linkMethod: "chart" }),
    },
    script: { nodes: kindNodes },
  },
  rotation: {
    stacks: {
      test: () =>
        settings({
          clusters: [kind("a")],
          demo: false,
          root: { generate: {}, trusted: ["first", "2027"], signing: "first", reissue: 1 },
        }),
    },
    script: { nodes: kindNodes },
  },
  peers: {
    stacks: {
      first: () =>
        settings({
          ...community,
          clusters: [kind("a")],
          addressPool: "10.0.0.0/12",
          peerStacks: [peer("second")],
          demo: false,
          root: { generate: { issueFor: ["b"] } },
        }),
      second: () =>
        settings({
          ...community,
          clusters: [kind("b", { podSubnet: "10.20.0.0/16", serviceSubnet: "10.31.0.0/24" })],
          addressPool: "10.16.0.0/12",
          peerStacks: [peer("first")],
          demo: false,
          root: { stack: peer("first") },
        }),
    },
    script: { nodes: kindNodes },
  },
};
