import { z } from "zod";
import { addressPool } from "./addresses";
import { chartSettings } from "./chart-settings";
import { clusters } from "./clusters";
import { defaultVersion } from "./distribution";
import { eastWestGateway } from "./east-west-gateway";
import { days, dnsLabel, dnsName, labelValue, licenseKey, manifestSource, matching, stackName } from "./formats";
import { chartSource, image, imageHub, taggedImage } from "./images";
import { istioVersion, variants } from "./istio-version";
import { manifests } from "./manifests";
import { chartRegistry, imageDigests, imagePullSecrets } from "./registries";
import { root } from "./root";

/** Rare enough for a mesh that is updated now and then, and frequent enough that a renewal is routine. */
export const defaultTokenDays = 90;

/** How long the control planes of other stacks may still use the previous token, in days. */
export const tokenOverlapDays = 7;

const link = z.union(
  [
    z
      .strictObject({
        from: dnsLabel.describe("Cluster whose services call"),
        to: dnsLabel.describe("Cluster whose services are called; may be one of a peer stack"),
      })
      .meta({ title: "a one-way link" }),
    z
      .strictObject({
        between: z
          .array(dnsLabel)
          .length(2, { error: "write two names: {between: [a, b]}" })
          .describe("Two clusters that call each other"),
      })
      .meta({ title: "a link both ways" }),
  ],
  { error: "write {from: a, to: b}, or {between: [a, b]} for both ways" },
);

/**
 * Every key of a stack's settings, as a stack gives it. The one source of their types, checks, defaults and documents:
 * docs/settings.md and the declarations in Pulumi.yaml are generated from it. `.meta()` has what messages and documents need beyond
 * JSON Schema: whether a value is `secret`, and a `fallback`, the default in words where it depends on other settings.
 */
export const keys = {
  clusters: clusters.describe(
    "The clusters of the mesh; may be empty where the stack only keeps the root for others (`issueFor`)",
  ),
  uniqueNames: z
    .boolean()
    .default(false)
    .describe(
      "Clusters that the stack makes get a random suffix in their kind or kwok name, so that several environments live " +
        "side by side on one machine; the mesh's names stay as given. Changing it recreates the clusters",
    ),
  addressPool: addressPool.default("10.0.0.0/8").describe("Where left-out subnets are taken from, /8 to /18"),
  network: labelValue.default("flat-network").describe("Name of the network that all clusters share"),
  trustDomain: dnsName.default("cluster.local").describe("Trust domain, one for all clusters"),
  distribution: z
    .enum(["solo", "community"])
    .default("solo")
    .describe("Solo's distribution of Istio, or the community's, which needs no licence"),
  istioVersion: istioVersion.optional().meta({
    description: "Version of Istio, without the suffixes of `distribution` and `variant`; Solo's may end in `-patch0`",
    fallback: `${defaultVersion.solo} for solo, ${defaultVersion.community} for community`,
  }),
  variant: z
    .enum(variants)
    .default("distroless")
    .describe(
      "What the tags of Istio's images end in, in all clusters: FIPS images are Solo's, debug images the community's; " +
        "`default` for tags that end in the version",
    ),
  license: licenseKey.optional().meta({
    description: "Licence key of the solo distribution; a secret",
    fallback: "solo needs this or `licenseSecretRef`",
    secret: true,
  }),
  licenseSecretRef: z
    .strictObject({
      name: dnsName.describe("Name of the Secret"),
      namespace: dnsLabel.optional().meta({ description: "Its namespace", fallback: "istio-system" }),
    })
    .optional()
    .describe("A Secret that every cluster has already, instead of `license`"),
  repoKey: matching(
    "a repo key",
    "write the 12 lower-case letters and digits at the end of us-docker.pkg.dev/gloo-mesh/istio-…",
    /^[a-z0-9]{12}$/,
  )
    .optional()
    .meta({
      description:
        "Key of Solo's registries; the addresses of charts and images have it in plain text, in plans, state and clusters",
      fallback: "solo up to 1.28 needs it, or `charts` and `images`",
      secret: true,
    }),
  charts: chartSource.optional().meta({
    description: "Where charts come from: an OCI registry (`oci://…`), or a folder of packaged charts",
    fallback: "by distribution and version",
  }),
  images: imageHub.optional().meta({
    description: "Hub that images come from, without scheme",
    fallback: "by distribution and version",
  }),
  chartRegistry: chartRegistry.optional(),
  imageDigests: imageDigests.optional(),
  imagePullSecrets: imagePullSecrets.default([]),
  gatewayApi: z
    .strictObject({
      version: matching("a version of the Gateway API", "write v and three numbers, such as v1.4.0", /^v\d+\.\d+\.\d+$/)
        .optional()
        .meta({
          description: "Release of the Gateway API",
          fallback:
            "that of `manifests`; otherwise by the version of Istio, and never older than what the stack has installed",
        }),
      manifests: manifestSource.optional().meta({
        description:
          "Path or https URL of a release's standard-install.yaml, for releases that don't come with the program",
        fallback: "none: releases come with the program",
      }),
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
      renewAfterDays: days(
        tokenOverlapDays,
        "the control planes of other stacks may use the previous token for that long",
      )
        .default(defaultTokenDays)
        .describe(
          `Age of a token, in days, from which \`pulumi up\` renews it; ${String(tokenOverlapDays)} or more, since the ` +
            "control planes of other stacks may use the previous one for that long",
        ),
    })
    .optional()
    .meta({
      description: "The tokens with which control planes read one another's API servers (community distribution)",
      fallback: `{ renewAfterDays: ${String(defaultTokenDays)} }`,
    }),
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
    .meta({
      description: "What provides the addresses of kind clusters' load balancers",
      fallback: "cloud-provider-kind with kind clusters of the solo distribution, else none",
    }),
  eastWestGateway: eastWestGateway.describe(
    "What clouds need of the east-west Gateways of all clusters (solo distribution): their load balancers, Services and pods",
  ),
  detectDrift: z
    .boolean()
    .default(true)
    .describe(
      "Each plan compares what the stack has made inside its clusters with what is there, and the next `up` puts back what " +
        "somebody has changed or deleted",
    ),
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
  manifests: manifests
    .default([])
    .describe(
      "Objects that the stack applies after the mesh: files (.yaml, .yml, .json) or folders of them, for all clusters, or " +
        "`{path, clusters}` for some",
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
  ...chartSettings,
} as const;

/** The settings of a stack as {@link keys} read them. */
export type StackInput = z.output<z.ZodObject<typeof keys>>;
