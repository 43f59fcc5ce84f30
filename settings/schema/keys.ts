import { z } from "zod";
import type { Verdict } from "../faults";
import { subnetFault } from "../ipv4";
import { defaultVersion } from "../registries";
import { cluster } from "./cluster";
import { notes } from "./notes";
import { root } from "./root";
import { chartsFault, imagesFault, manifestsFault } from "./sources";
import { dnsLabel, dnsName, image, judged, labelValue, stackName, taggedImage, text } from "./texts";
import { versionFault } from "./version";

const aCluster = "list at least one cluster, such as {name: cluster-1, provisioner: kind}";

/** Seldom enough for a mesh that is updated now and then, and often enough to be no surprise when it has to be done. */
export const defaultTokenDays = 90;

const link = z.union(
  [
    z
      .strictObject({
        from: dnsLabel.describe("Cluster whose services call"),
        to: dnsLabel.describe("Cluster whose services are called; may be one of a peer stack"),
      })
      .register(notes, { title: "a one-way link" }),
    z
      .strictObject({
        between: z
          .array(dnsLabel)
          .length(2, { error: "write two names: {between: [a, b]}" })
          .describe("Two clusters that call each other"),
      })
      .register(notes, { title: "a link both ways" }),
  ],
  { error: "write {from: a, to: b}, or {between: [a, b]} for both ways" },
);

/**
 * Every key of a stack's settings, as a stack gives it. The one source of their types, checks, defaults and documents:
 * docs/settings.md and the declarations in Pulumi.yaml are made from it.
 */
export const keys = {
  clusters: z
    .array(cluster, { error: aCluster })
    .describe("The clusters of the mesh; may be empty where the stack only keeps the root for others (`issueFor`)"),
  uniqueNames: z
    .boolean()
    .default(false)
    .describe(
      "Clusters that the stack makes get a random suffix in their kind or kwok name, so that several environments live " +
        "side by side on one machine; the mesh's names stay as given",
    ),
  addressPool: judged(subnetFault).default("10.0.0.0/8").describe("Where left-out subnets are taken from, /8 to /18"),
  network: labelValue.default("flat-network").describe("Name of the network that all clusters share"),
  trustDomain: dnsName.default("cluster.local").describe("Trust domain, one for all clusters"),
  distribution: z
    .enum(["solo", "community"])
    .default("solo")
    .describe("Solo's distribution of Istio, or the community's, which needs no licence"),
  istioVersion: judged(versionFault)
    .optional()
    .describe("Version of Istio, without suffix")
    .register(notes, { fallback: `${defaultVersion.solo} for solo, ${defaultVersion.community} for community` }),
  license: judged(licenseFault)
    .register(notes, { secret: true })
    .optional()
    .describe("Licence key of the solo distribution; a secret")
    .register(notes, { fallback: "solo needs this or `licenseSecretRef`" }),
  licenseSecretRef: z
    .strictObject({
      name: dnsName.describe("Name of the Secret"),
      namespace: dnsLabel.optional().describe("Its namespace").register(notes, { fallback: "istio-system" }),
    })
    .optional()
    .describe("A Secret that every cluster has already, instead of `license`"),
  repoKey: text(
    "a repo key",
    "write the 12 lower-case letters and digits at the end of us-docker.pkg.dev/gloo-mesh/istio-…",
    /^[a-z0-9]{12}$/,
  )
    .register(notes, { secret: true })
    .optional()
    .describe(
      "Key of Solo's registries; it stands in plain addresses of charts and images, in plans, state and clusters",
    )
    .register(notes, { fallback: "solo up to 1.28 needs it, or `charts` and `images`" }),
  charts: judged(chartsFault)
    .optional()
    .describe("Where charts come from: an OCI registry (`oci://…`), or a folder of packaged charts")
    .register(notes, { fallback: "by distribution and version" }),
  images: judged(imagesFault)
    .optional()
    .describe("Hub that images come from, without scheme")
    .register(notes, { fallback: "by distribution and version" }),
  gatewayApi: z
    .strictObject({
      version: text("a version of the Gateway API", "write v and three numbers, such as v1.4.0", /^v\d+\.\d+\.\d+$/)
        .default("v1.4.0")
        .describe("Release of the Gateway API"),
      manifests: judged(manifestsFault)
        .optional()
        .describe("Path or https URL of its standard-install.yaml, for mirrors")
        .register(notes, { fallback: "the release's own file, pinned by digest" }),
    })
    .prefault({})
    .describe("The Gateway API's custom resources, standard channel"),
  links: z
    .union([z.literal("mesh"), z.array(link)], { error: "write mesh, or a list of {from, to} and {between: [a, b]}" })
    .default("mesh")
    .describe(
      "Who calls whom: `mesh` (every pair, both ways), or a list of `{from: a, to: b}` (services of a may call those of b) " +
        "and `{between: [a, b]}` (both ways)",
    ),
  linkMethod: z
    .enum(["gateways", "chart"])
    .default("gateways")
    .describe("Peer Gateways declared one by one, or by Solo's peering chart (1.29 and later)"),
  remoteAccess: z
    .strictObject({
      renewAfterDays: z
        .int()
        .min(1, { error: "write 1 or more days" })
        .max(36_500, { error: "write 36500 days (100 years) or less" })
        .default(defaultTokenDays)
        .describe("Age of a token, in days, from which `pulumi up` renews it"),
    })
    .optional()
    .describe("The tokens with which control planes read one another's API servers (community distribution)")
    .register(notes, { fallback: `{ renewAfterDays: ${String(defaultTokenDays)} }` }),
  peerStacks: z
    .array(stackName)
    .default([])
    .describe("Full names of the stacks whose clusters are peers too: organization/project/stack"),
  requirePeers: z
    .boolean()
    .default(false)
    .describe("A peer that is not there yet is an error, instead of a warning and the output `missingPeers`"),
  root: root
    .prefault({ generate: {} })
    .describe(
      "Where the root of trust comes from, in one of four forms: `generate`, `stack`, `certificate` with `privateKey`, or `existing`",
    ),
  loadBalancer: z
    .union(
      [
        z.enum(["cloud-provider-kind", "none"]),
        z.strictObject({
          image: image.describe(
            "A copy of cloud-provider-kind's image, for mirrors; by digest (…@sha256:…), since it gets the container engine's socket",
          ),
        }),
      ],
      { error: "write cloud-provider-kind, none, or {image: a copy of cloud-provider-kind's image}" },
    )
    .optional()
    .describe("What gives the addresses of kind clusters' load balancers")
    .register(notes, { fallback: "cloud-provider-kind with kind clusters, else none" }),
  preloadImages: z
    .array(taggedImage)
    .default([])
    .describe(
      "Further images to load into the nodes of kind clusters from this machine, where it has them; those of the mesh and " +
        "the demo are loaded anyway",
    ),
  contexts: z
    .boolean()
    .default(false)
    .describe(
      "The engineer's own kubeconfig gets a context for every cluster that the stack makes, `kind-<name>` or `kwok-<name>`; " +
        "needs kubectl",
    ),
  demo: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          sidecars: z.boolean().default(false).describe("Their variants with sidecars as well"),
        }),
      ],
      { error: "write true, false, or {sidecars: true}" },
    )
    .default(false)
    .describe("Deploy the global service and its client"),
} as const;

/** All settings of a stack, as it gives them. */
export const stackSchema = z.strictObject(keys);

/** What {@link stackSchema} reads. */
export type StackInput = z.output<typeof stackSchema>;

function licenseFault(text: string): Verdict | undefined {
  return /^\S+$/.test(text)
    ? undefined
    : {
        problem: "has a space or line break in it, or is empty",
        remedy: "give the key alone: `pulumi config set --secret flatmesh:license`, and paste it at the prompt",
      };
}
