import { added, changed, type Fault, patched } from "./fault";

const eastWest = ["cluster-1", "gateway", "istio-eastwest", "istio-eastwest"] as const;
const peer = ["cluster-1", "gateway", "istio-remote-peer-cluster-2", "istio-eastwest"] as const;

const metadata = (kind: "labels" | "annotations", name: string, value: string | null) => ({
  metadata: { [kind]: { [name]: value } },
});

const own = "topology.istio.io/cluster";
const [trustDomain, account] = ["gateway.istio.io/trust-domain", "gateway.istio.io/service-account"] as const;

/** What the API server alone shows of Gateways that are not as they should be. */
export const peeringFaults: readonly Fault[] = [
  {
    check: "east-west-gateways",
    fault: "no east-west Gateway",
    ...changed(eastWest, (environment) => {
      environment.kubectl("cluster-1", "delete", "gateway", "istio-eastwest", "--namespace", "istio-eastwest");
    }),
    message: /there is no east-west Gateway/,
  },
  {
    check: "east-west-gateways",
    fault: "an east-west Gateway that is not Programmed, and has no address",
    ...changed(eastWest, (environment) => {
      // Of another class: nobody gives it a status.
      environment.replaceGateway("cluster-1", "istio-eastwest", (text) =>
        text.replace('"gatewayClassName":"istio-eastwest"', '"gatewayClassName":"nobody"'),
      );
    }),
    message: /is not Programmed/,
  },
  {
    check: "east-west-gateways",
    fault: "another port for discovery",
    ...changed(eastWest, (environment) => {
      environment.replaceGateway("cluster-1", "istio-eastwest", (text) => text.replace('"port":15012', '"port":15013'));
    }),
    message: /listener xds-tls for the control plane's discovery on port 15013 instead of 15012/,
  },
  {
    check: "east-west-gateways",
    fault: "istiod is not exposed",
    command: true,
    ...patched(
      eastWest,
      metadata("labels", "istio.io/expose-istiod", null),
      metadata("labels", "istio.io/expose-istiod", "15012"),
    ),
    message: /does not have the label istio.io\/expose-istiod/,
  },
  {
    check: "peers",
    fault: "no Gateway for a peer",
    ...changed(peer, (environment) => {
      environment.kubectl("cluster-1", "delete", "gateway", peer[2], "--namespace", "istio-eastwest");
    }),
    message: /there is no Gateway for peer cluster-2/,
  },
  {
    check: "peers",
    fault: "an address where the peer is not",
    ...changed(peer, (environment) => {
      environment.replaceGateway("cluster-1", peer[2], (text) => text.replace("10.255.20.254", "10.255.20.253"));
    }),
    message: /has the address 10.255.20.253, but the east-west Gateway of cluster-2 is at 10.255.20.254/,
  },
  {
    check: "peers",
    fault: "an address of another type",
    ...changed(peer, (environment) => {
      environment.replaceGateway("cluster-1", peer[2], (text) =>
        text.replace('"type":"IPAddress","value":"10.255.20.254"', '"type":"Hostname","value":"10.255.20.254"'),
      );
    }),
    message: /has the address 10.255.20.254 as Hostname, but it is of type IPAddress/,
  },
  {
    check: "peers",
    fault: "no address",
    ...changed(peer, (environment) => {
      environment.replaceGateway("cluster-1", peer[2], (text) =>
        text.replace(/"addresses":\[\{"type":"IPAddress","value":"10.255.20.254"\}\],/, ""),
      );
    }),
    message: /has no address for cluster-2/,
  },
  {
    check: "peers",
    fault: "no trust domain",
    ...patched(peer, metadata("annotations", trustDomain, null), metadata("annotations", trustDomain, "cluster.local")),
    message: /does not have the annotation gateway.istio.io\/trust-domain/,
  },
  {
    check: "peers",
    fault: "no service account",
    ...patched(peer, metadata("annotations", account, null), metadata("annotations", account, "istio-eastwest")),
    message: /does not have the annotation gateway.istio.io\/service-account/,
  },
  {
    check: "peers",
    fault: "a peer that is the cluster itself",
    ...patched(peer, metadata("labels", own, "cluster-1"), metadata("labels", own, "cluster-2")),
    message: /makes the cluster a peer of itself/,
  },
  {
    check: "peers",
    fault: "a Gateway of a cluster that has left",
    command: true,
    ...added("cluster-1", remote("cluster-9")),
    message: /is for cluster-9, to which the stack has no link from here/,
  },
  {
    check: "peers",
    fault: "two Gateways for a peer",
    ...added("cluster-1", remote("cluster-2")),
    message: /peer cluster-2 has 2 Gateways/,
  },
  {
    check: "peers",
    fault: "a peer that is not connected",
    ...changed(peer, (environment) => {
      environment.replaceStatus("cluster-1", peer[2], (text) => text.replace(/\{[^{}]*PeerConnected[^{}]*\},?/, ""));
    }),
    message: /gloo.solo.io\/PeerConnected is absent: no connection to the peer's control plane/,
  },
  {
    check: "peers",
    fault: "a peer whose pods are not known",
    ...changed(peer, (environment) => {
      environment.replaceStatus("cluster-1", peer[2], (text) =>
        text.replace(/("status":)"True"([^{}]*PeerDataPlaneProgrammed)/, '$1"False"$2'),
      );
    }),
    message: /gloo.solo.io\/PeerDataPlaneProgrammed is False/,
  },
].map((fault) => ({ cluster: "cluster-1", ...fault }));

/** A further Gateway that stands for a cluster. */
function remote(cluster: string): object {
  const listener = (name: string, port: number, protocol: string) => ({
    name,
    port,
    protocol,
    tls: { mode: "Passthrough" },
  });
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: {
      name: "istio-remote-peer-another",
      namespace: "istio-eastwest",
      annotations: { [trustDomain]: "cluster.local", [account]: "istio-eastwest" },
      labels: { [own]: cluster, "topology.istio.io/network": "flat-network" },
    },
    spec: {
      gatewayClassName: "istio-remote",
      addresses: [{ type: "IPAddress", value: "10.255.20.254" }],
      listeners: [listener("cross-network", 15008, "HBONE"), listener("xds-tls", 15012, "TLS")],
    },
  };
}
