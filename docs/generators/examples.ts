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

const amounts = { requests: { cpu: "500m", memory: "1Gi" } };
const limited = { ...amounts, limits: { memory: "2Gi" } };
const toleration = { key: "dedicated", operator: "Equal", value: "mesh", effect: "NoSchedule" };
const zones = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: "topology.kubernetes.io/zone", labelSelector: { matchLabels: { app: "istiod" } } },
    ],
  },
};
const proxied = { http: "http://proxy.example.com:3128", https: "http://proxy.example.com:3128" };
const traced = { service: "otel-collector.observability.svc.cluster.local" };

/** Of what the pods of a chart need, and where they run. */
function placed(chart: string): Record<string, Example> {
  return {
    [`${chart}.resources`]: { value: { resources: limited } },
    [`${chart}.tolerations`]: { value: { tolerations: [toleration] } },
    [`${chart}.affinity`]: { value: { affinity: zones } },
  };
}

/** What a stack says of all clusters can be said of one. */
const inClusters: Record<string, Example> = {
  "clusters[].istiod": existing({ istiod: { replicas: 3 } }),
  "clusters[].ztunnel": existing({ ztunnel: { resources: amounts } }),
  "clusters[].cni": existing({ cni: { binDir: "/home/kubernetes/bin" } }),
  "clusters[].httpProxy": existing({ httpProxy: proxied }),
  "clusters[].accessLogs": existing({ accessLogs: false }),
  "clusters[].tracing": existing({ tracing: traced }),
  "clusters[].values": existing({ values: { istiod: { podAnnotations: { "example.com/team": "mesh" } } } }),
};
const gateway = (more: object) => ({ value: more });
const digests = (...names: string[]) => ({
  value: Object.fromEntries(
    names.map((name) => [name, "sha256:1b97632e5dfec8f83c7e970cf18cedb9e6b707e272011d712cabf6ab59d323c9"]),
  ),
});

/** A Secret's registry has a password, so its parts are set by commands. */
const pullRegistry = (key: string) =>
  settings(`--path 'flatmesh:imagePullSecrets[0].registry.${key.replace(" ", "' ")}`);

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
  "clusters[].eastWestGateway": existing({ eastWestGateway: { loadBalancerIP: "10.32.0.250" } }),
  "clusters[].podSubnet": kind({ podSubnet: "10.10.0.0/16" }),
  "clusters[].serviceSubnet": kind({ podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24" }),
  ...inClusters,
  "clusters[].controlPlanes": kind({ controlPlanes: 3 }),
  "clusters[].workers": kind({ workers: 2 }),
  "clusters[].nodeImage": kind({ nodeImage: "kindest/node:v1.34.0" }),
  "clusters[].kubeconfig": settings("--secret --path 'flatmesh:clusters[0].kubeconfig' < east-1.kubeconfig"),
  "clusters[].kubeconfig.stack": existing({
    context: undefined,
    kubeconfig: { stack: "acme/eks/prod", output: "kubeconfig" },
  }),
  "clusters[].kubeconfig.output": existing({
    kubeconfig: { stack: "acme/eks/prod", output: "kubeconfigs" },
  }),
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
  chartRegistry: { value: { username: "robot", ca: "company-ca.pem" } },
  "chartRegistry.username": { value: { username: "robot" } },
  "chartRegistry.password": settings("--secret --path flatmesh:chartRegistry.password"),
  "chartRegistry.ca": { value: { username: "robot", ca: "company-ca.pem" } },
  imageDigests: digests("pilot", "install-cni", "ztunnel", "proxyv2"),
  "imageDigests.pilot": digests("pilot"),
  "imageDigests.install-cni": digests("install-cni"),
  "imageDigests.ztunnel": digests("ztunnel"),
  "imageDigests.proxyv2": digests("proxyv2"),
  imagePullSecrets: { value: [{ name: "company-registry" }] },
  "imagePullSecrets[].name": { value: [{ name: "company-registry" }] },
  "imagePullSecrets[].registry": pullRegistry("server registry.example.com"),
  "imagePullSecrets[].registry.server": pullRegistry("server registry.example.com"),
  "imagePullSecrets[].registry.username": pullRegistry("username robot"),
  "imagePullSecrets[].registry.password": settings("--secret --path 'flatmesh:imagePullSecrets[0].registry.password'"),
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
  eastWestGateway: gateway({
    serviceAnnotations: {
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
      "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
    },
    loadBalancerClass: "service.k8s.aws/nlb",
    replicas: 2,
  }),
  "eastWestGateway.annotations": gateway({
    annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
  }),
  "eastWestGateway.labels": gateway({ labels: { "example.com/cost-centre": "platform" } }),
  "eastWestGateway.serviceAnnotations": gateway({
    serviceAnnotations: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" },
  }),
  "eastWestGateway.loadBalancerClass": gateway({ loadBalancerClass: "service.k8s.aws/nlb" }),
  "eastWestGateway.loadBalancerIP": gateway({ loadBalancerIP: "10.32.0.250" }),
  "eastWestGateway.loadBalancerSourceRanges": gateway({ loadBalancerSourceRanges: ["10.0.0.0/8"] }),
  "eastWestGateway.externalTrafficPolicy": gateway({ externalTrafficPolicy: "Local" }),
  "eastWestGateway.replicas": gateway({ replicas: 2 }),
  "eastWestGateway.autoscaling": gateway({ autoscaling: { minReplicas: 2, maxReplicas: 5 } }),
  "eastWestGateway.autoscaling.minReplicas": gateway({ autoscaling: { minReplicas: 2, maxReplicas: 5 } }),
  "eastWestGateway.autoscaling.maxReplicas": gateway({ autoscaling: { maxReplicas: 5 } }),
  "eastWestGateway.autoscaling.targetCPUUtilizationPercentage": gateway({
    autoscaling: { maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
  }),
  "eastWestGateway.podDisruptionBudget": gateway({ replicas: 2, podDisruptionBudget: { minAvailable: 1 } }),
  "eastWestGateway.podDisruptionBudget.minAvailable": gateway({
    replicas: 4,
    podDisruptionBudget: { minAvailable: "50%" },
  }),
  "eastWestGateway.podDisruptionBudget.maxUnavailable": gateway({
    replicas: 2,
    podDisruptionBudget: { maxUnavailable: 1 },
  }),
  "eastWestGateway.resources": gateway({
    resources: { requests: { cpu: "200m", memory: "256Mi" }, limits: { memory: "1Gi" } },
  }),
  "eastWestGateway.nodeSelector": gateway({ nodeSelector: { "node.kubernetes.io/role": "mesh" } }),
  "eastWestGateway.tolerations": gateway({
    tolerations: [{ key: "dedicated", operator: "Equal", value: "mesh", effect: "NoSchedule" }],
  }),
  "eastWestGateway.affinity": gateway({
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: "kubernetes.io/hostname",
            labelSelector: { matchLabels: { "gateway.networking.k8s.io/gateway-name": "istio-eastwest" } },
          },
        ],
      },
    },
  }),
  "eastWestGateway.priorityClassName": gateway({ priorityClassName: "system-cluster-critical" }),
  detectDrift: { value: false },
  preloadImages: { value: ["docker.io/library/busybox:1.37"] },
  contexts: { value: true },
  manifests: { value: ["manifests/", { path: "gateway.yaml", clusters: ["east-1"] }] },
  "manifests[].path": { value: [{ path: "gateway.yaml", clusters: ["east-1"] }] },
  "manifests[].clusters": { value: [{ path: "gateway.yaml", clusters: ["east-1"] }] },
  demo: { value: true },
  "demo.sidecars": { value: { sidecars: true } },
  istiod: { value: { replicas: 2, resources: { requests: { cpu: "1", memory: "4Gi" } } } },
  "istiod.replicas": { value: { replicas: 2 } },
  "istiod.autoscaling": { value: { autoscaling: { minReplicas: 2, maxReplicas: 10 } } },
  "istiod.autoscaling.minReplicas": { value: { autoscaling: { minReplicas: 2, maxReplicas: 10 } } },
  "istiod.autoscaling.maxReplicas": { value: { autoscaling: { minReplicas: 2, maxReplicas: 10 } } },
  "istiod.autoscaling.targetCPUUtilizationPercentage": {
    value: { autoscaling: { maxReplicas: 10, targetCPUUtilizationPercentage: 60 } },
  },
  "istiod.podDisruptionBudget": { value: { replicas: 3, podDisruptionBudget: { maxUnavailable: 1 } } },
  "istiod.podDisruptionBudget.minAvailable": { value: { replicas: 3, podDisruptionBudget: { minAvailable: 2 } } },
  "istiod.podDisruptionBudget.maxUnavailable": {
    value: { replicas: 3, podDisruptionBudget: { maxUnavailable: "50%" } },
  },
  ...placed("istiod"),
  "istiod.nodeSelector": { value: { nodeSelector: { "node-role.kubernetes.io/infra": "" } } },
  "istiod.priorityClassName": { value: { priorityClassName: "system-cluster-critical" } },
  ztunnel: { value: { resources: { requests: { cpu: "500m", memory: "1Gi" } } } },
  ...placed("ztunnel"),
  "ztunnel.nodeSelector": { value: { nodeSelector: { "example.com/mesh": "true" } } },
  cni: { value: { binDir: "/home/kubernetes/bin" } },
  ...placed("cni"),
  "cni.binDir": { value: { binDir: "/home/kubernetes/bin" } },
  "cni.confDir": { value: { confDir: "/etc/kubernetes/cni/net.d" } },
  "cni.confFileName": { value: { confFileName: "10-calico.conflist" } },
  "cni.netnsDir": { value: { netnsDir: "/var/run/docker/netns" } },
  httpProxy: { value: proxied },
  "httpProxy.http": { value: proxied },
  "httpProxy.https": { value: proxied },
  "httpProxy.noProxy": { value: { ...proxied, noProxy: [".example.com", "192.168.0.0/16"] } },
  accessLogs: { value: false },
  "accessLogs.encoding": { value: { encoding: "json" } },
  tracing: { value: traced },
  "tracing.service": { value: traced },
  "tracing.port": { value: { ...traced, port: 4317 } },
  "tracing.sampling": { value: { ...traced, sampling: 100 } },
  values: { value: { istiod: { podAnnotations: { "example.com/team": "mesh" } }, ztunnel: { logLevel: "debug" } } },
  "values.base": { value: { base: { experimental: { stableValidationPolicy: true } } } },
  "values.istiod": { value: { istiod: { meshConfig: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } } } } },
  "values.cni": { value: { cni: { podLabels: { "example.com/team": "mesh" } } } },
  "values.ztunnel": { value: { ztunnel: { logLevel: "debug" } } },
  "values.peering": { value: { peering: { commonLabels: { "example.com/team": "mesh" } } } },
};

/** Where the documents have more on a key: title and address, from docs/. */
export const further: Readonly<Record<string, readonly [title: string, url: string]>> = {
  "clusters[].nodePort": ["A cluster without load balancers", "#a-cluster-without-load-balancers"],
  "clusters[].eastWestGateway": ["East-west Gateways", "east-west-gateway.md"],
  eastWestGateway: ["East-west Gateways", "east-west-gateway.md"],
  "eastWestGateway.loadBalancerClass": ["What a change does", "east-west-gateway.md#what-a-change-does"],
  "eastWestGateway.loadBalancerSourceRanges": ["Who calls it", "east-west-gateway.md#who-calls-it"],
  "clusters[].podSubnet": ["Subnets", "#subnets"],
  "clusters[].serviceSubnet": ["Subnets", "#subnets"],
  "clusters[].kubeconfig": ["Kubeconfigs", "existing-clusters.md#kubeconfigs"],
  "clusters[].kubeconfig.stack": [
    "A kubeconfig that another stack makes",
    "existing-clusters.md#a-kubeconfig-that-another-stack-makes",
  ],
  "clusters[].kubeconfig.output": [
    "A kubeconfig that another stack makes",
    "existing-clusters.md#a-kubeconfig-that-another-stack-makes",
  ],
  "clusters[].context": ["Kubeconfigs", "existing-clusters.md#kubeconfigs"],
  "clusters[].apiServer": ["The API server's address", "community.md#the-api-servers-address"],
  addressPool: ["Subnets", "#subnets"],
  distribution: ["The community distribution", "community.md"],
  variant: ["Variants of images", "#variants-of-images"],
  charts: ["Charts and images from private registries", "registries.md"],
  images: ["A mirror of the images", "registries.md#a-mirror"],
  chartRegistry: ["Charts from a private registry", "registries.md#charts-from-a-private-registry"],
  "chartRegistry.ca": ["A company's certificate authority", "registries.md#a-companys-certificate-authority"],
  imageDigests: ["Images by digest", "registries.md#images-by-digest"],
  imagePullSecrets: ["Images from a private registry", "registries.md#images-from-a-private-registry"],
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
  manifests: ["Objects of your own", "manifests.md"],
  demo: ["Traffic", "checks.md#traffic"],
};
