/**
 * How a key is written: the value of its outermost key, or, where that holds a secret or a whole file, the command that sets it.
 */
export type Example = { readonly value: unknown } | { readonly command: string };

const kind = (more: object = {}) => ({ value: [{ name: "cluster-1", provisioner: "kind", ...more }] });
const existing = (more: object = {}) => ({
  value: [{ name: "east-1", provisioner: "existing", context: "admin@east-1", ...more }],
});
const generated = (more: object, beside: object = {}) => ({ value: { generate: more, ...beside } });
const settings = (command: string) => ({ command: `pulumi config set ${command}` });

/** For a root that is given, whose certificate and key are set by their own examples. */
const given = (path: string, value: string) => settings(`--path 'flatmesh:root.${path}' ${value}`);

/** An example for every key, by its path. */
export const examples: Readonly<Record<string, Example>> = {
  clusters: {
    value: [
      { name: "cluster-1", provisioner: "kind" },
      { name: "cluster-2", provisioner: "kind" },
    ],
  },
  "clusters[].name": existing(),
  "clusters[].provisioner": { value: [{ name: "cluster-1", provisioner: "kwok" }] },
  "clusters[].platform": existing({ platform: "openshift" }),
  "clusters[].region": existing({ region: "eu-central-1" }),
  "clusters[].zone": existing({ region: "eu-central-1", zone: "eu-central-1a" }),
  "clusters[].nodePort": existing({ nodePort: { address: "nodes.east-1.example.com" } }),
  "clusters[].nodePort.address": existing({ nodePort: { address: "10.0.0.5" } }),
  "clusters[].nodePort.port": existing({ nodePort: { address: "10.0.0.5", port: 31012 } }),
  "clusters[].podSubnet": kind({ podSubnet: "10.10.0.0/16" }),
  "clusters[].serviceSubnet": kind({ podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24" }),
  "clusters[].controlPlanes": kind({ controlPlanes: 3 }),
  "clusters[].workers": kind({ workers: 2 }),
  "clusters[].nodeImage": kind({ nodeImage: "kindest/node:v1.34.0" }),
  "clusters[].kubeconfig": settings("--secret --path 'flatmesh:clusters[0].kubeconfig' < east-1.kubeconfig"),
  "clusters[].context": existing(),
  "clusters[].apiServer": existing({ apiServer: "https://api.east-1.example.com:6443" }),
  uniqueNames: { value: true },
  addressPool: { value: "10.16.0.0/12" },
  network: { value: "datacentre-1" },
  trustDomain: { value: "mesh.example.com" },
  distribution: { value: "community" },
  istioVersion: { value: "1.29.0" },
  variant: { value: "fips-distroless" },
  license: settings("--secret flatmesh:license"),
  licenseSecretRef: { value: { name: "solo-license" } },
  "licenseSecretRef.name": { value: { name: "solo-license" } },
  "licenseSecretRef.namespace": { value: { name: "solo-license", namespace: "istio-system" } },
  repoKey: settings("flatmesh:repoKey"),
  charts: { value: "oci://registry.example.com/istio/charts" },
  images: { value: "registry.example.com/istio" },
  gatewayApi: { value: { version: "v1.4.1" } },
  "gatewayApi.version": { value: { version: "v1.4.1" } },
  "gatewayApi.manifests": {
    value: { version: "v1.4.1", manifests: "https://mirror.example.com/standard-install.yaml" },
  },
  links: {
    value: [{ from: "spoke-1", to: "hub" }, { between: ["hub", "spare"] }],
  },
  "links[].from": { value: [{ from: "spoke-1", to: "hub" }] },
  "links[].to": { value: [{ from: "spoke-1", to: "hub" }] },
  "links[].between": { value: [{ between: ["east-1", "west-1"] }] },
  linkMethod: { value: "chart" },
  remoteAccess: { value: { renewAfterDays: 30 } },
  "remoteAccess.renewAfterDays": { value: { renewAfterDays: 30 } },
  peerStacks: { value: ["acme/flatmesh/production-west"] },
  requirePeers: { value: true },
  root: generated({}),
  "root.trusted": generated({}, { trusted: ["first", 2027], signing: "first" }),
  "root.signing": generated({}, { trusted: ["first", 2027], signing: 2027 }),
  "root.generate": generated({ algorithm: "RSA" }),
  "root.generate.rootValidityDays": generated({ rootValidityDays: 1825 }),
  "root.generate.rootRenewBeforeDays": generated({ rootRenewBeforeDays: 180 }),
  "root.generate.algorithm": generated({ algorithm: "RSA" }),
  "root.generate.intermediateValidityDays": generated({ intermediateValidityDays: 90 }),
  "root.generate.renewBeforeDays": generated({ intermediateValidityDays: 90, renewBeforeDays: 30 }),
  "root.generate.issueFor": generated({ issueFor: ["east-1", "west-1"] }),
  "root.alsoTrusted": settings("--path 'flatmesh:root.alsoTrusted[0]' < next-root.crt"),
  "root.reissue": generated({}, { reissue: "2027-stage-1" }),
  "root.unverified": generated({}, { trusted: ["first", 2027], signing: 2027, unverified: 2027 }),
  "root.stack": { value: { stack: "acme/flatmesh/root" } },
  "root.certificate": settings("--secret --path flatmesh:root.certificate < root.crt"),
  "root.privateKey": settings("--secret --path flatmesh:root.privateKey < root.key"),
  "root.algorithm": given("algorithm", "RSA"),
  "root.intermediateValidityDays": given("intermediateValidityDays", "90"),
  "root.renewBeforeDays": given("renewBeforeDays", "30"),
  "root.issueFor": given("issueFor[0]", "west-1"),
  "root.existing": { value: { existing: true } },
  loadBalancer: { value: "none" },
  "loadBalancer.image": {
    value: {
      image:
        "registry.example.com/cloud-provider-kind@sha256:1b97632e5dfec8f83c7e970cf18cedb9e6b707e272011d712cabf6ab59d323c9",
    },
  },
  detectDrift: { value: false },
  preloadImages: { value: ["docker.io/library/busybox:1.37"] },
  contexts: { value: true },
  demo: { value: true },
  "demo.sidecars": { value: { sidecars: true } },
};

/** Where the documents have more on a key: title and address, from docs/. */
export const further: Readonly<Record<string, readonly [title: string, url: string]>> = {
  "clusters[].nodePort": ["A cluster without load balancers", "#a-cluster-without-load-balancers"],
  "clusters[].podSubnet": ["Subnets", "#subnets"],
  "clusters[].serviceSubnet": ["Subnets", "#subnets"],
  "clusters[].kubeconfig": ["Kubeconfigs", "existing-clusters.md#kubeconfigs"],
  "clusters[].context": ["Kubeconfigs", "existing-clusters.md#kubeconfigs"],
  "clusters[].apiServer": ["The API server's address", "community.md#the-api-servers-address"],
  addressPool: ["Subnets", "#subnets"],
  distribution: ["The community distribution", "community.md"],
  variant: ["Variants of images", "#variants-of-images"],
  gatewayApi: ["The Gateway API", "#the-gateway-api"],
  links: ["Who calls whom", "#who-calls-whom"],
  linkMethod: ["Changing the link method", "day-2.md#changing-the-link-method"],
  remoteAccess: ["Tokens", "community.md#tokens"],
  "remoteAccess.renewAfterDays": ["Renewal of tokens", "community.md#renewal-of-tokens"],
  peerStacks: ["Environments of several stacks", "several-stacks.md"],
  requirePeers: ["Peers that are missing", "several-stacks.md#peers-that-are-missing"],
  root: ["Certificates", "certificates.md"],
  "root.trusted": ["Replacing the root of trust", "root-rotation.md"],
  "root.signing": ["Replacing the root of trust", "root-rotation.md"],
  "root.alsoTrusted": ["A root that is given", "root-rotation.md#a-root-that-is-given"],
  "root.reissue": ["Certificates issued again", "root-rotation.md#certificates-issued-again"],
  "root.unverified": ["What is refused", "root-rotation.md#what-is-refused"],
  "root.stack": ["The root of trust", "several-stacks.md#the-root-of-trust"],
  "root.existing": ["Certificates that someone else keeps", "certificates.md#certificates-that-someone-else-keeps"],
  loadBalancer: ["Load balancers", "kind.md#load-balancers"],
  detectDrift: ["Drift", "drift.md"],
  preloadImages: ["Images", "kind.md#images"],
  contexts: ["Contexts", "kind.md#contexts"],
  demo: ["Traffic", "checks.md#traffic"],
};
