/** How a remedy is known to mend what its check finds. */
export type Proof =
  /** One plain `pulumi up` after the fault: test/kwok/checks/updates.ts names the check. */
  | "update"
  /** The very command in it, run after the fault: a fault of test/kwok/checks with `command`. */
  | "command"
  /** A test of another suite: its file, and its name. */
  | readonly [file: string, test: string]
  /** Why nothing runs it. */
  | { readonly untested: string };

/** A remedy: words in it that no other of the file has, and the proofs. */
export type Remedy = readonly [words: string, ...proofs: readonly Proof[]];

const look: Proof = { untested: "It says where to look. What mends it depends on what is found there." };
const person: Proof = { untested: "It is a decision or work of people, outside of what a stack declares." };
const referred: Proof = { untested: "It leads to another check, whose remedies are tested." };
const reach: Proof = { untested: "The cluster, the network or the user's rights are in the way, and not the mesh." };
const standIn: Proof = { untested: "The ztunnel of the tests' clusters is a stand-in, and has no admin port." };
const licence: Proof = { untested: "It takes a licence of Solo's, and an istiod that asks for it." };
const given: Proof = { untested: "Somebody else issues the certificates, and has tools of their own." };
const noHelm: Proof = {
  untested: "It is for a workload that Helm has not installed; the same words are tested with Helm's.",
};
const precheck: Proof = [
  "test/kwok/checks/community.test.ts",
  "find another mesh beforehand, and none when their commands have removed it",
];
const early: Proof = ["test/engine/rotation.test.ts", "an intermediate that is replaced early, with its key"];
const drift: Proof = ["test/kind/life.test.ts", "find what people have broken, and one plain up mends all of it"];

const putBack = "which puts it back.";
const byHelm = "(CHART is where it was installed from)";

/** Every remedy of the checks, by the file that has it. A test compares this with the code. */
export const remedies: Readonly<Record<string, readonly Remedy[]>> = {
  "checks/inventory/each-cluster": [
    ["which installs what is missing", "update"],
    ["Use a kubeconfig that may read", reach],
    ["Make sure that the cluster runs", reach],
    ["Check whether the API server serves", look],
    ["This is a bug in the check", person],
    ["See the check reachable", referred],
  ],
  "checks/mesh/clock-skew": [
    ["Synchronise", person],
    ["Look at the Lease", look],
  ],
  "checks/mesh/cluster-names": [
    [putBack, "update", "command"],
    ["Peers treat two clusters of the same name as one", "update"],
  ],
  "checks/mesh/demo": [["Find out why", look]],
  "checks/mesh/dns-capture": [
    ["which installs what is missing", "update"],
    [byHelm, "update", "command"],
    [putBack, noHelm],
  ],
  "checks/mesh/east-west-gateways": [
    [putBack, "update", "command"],
    ["If its class or listeners were changed by hand", "update"],
    ["Check what its Service waits for", look],
    ["Find out which controller writes its status", look],
  ],
  "checks/mesh/environment": [
    ["which installs what is missing", "update"],
    [byHelm, "update", "command"],
    [putBack, noHelm],
  ],
  "checks/mesh/gateway-api": [
    [putBack, "update", "command"],
    ["Apply that release", "command"],
    ["which puts the stack's release back", "update", "command"],
  ],
  "checks/mesh/global-services": [
    ["which puts the label back", "update", "command"],
    ["Else create the same Service here", "update"],
    ["Find out why", look],
    ["See the check pods", referred],
    ["Inspect it by hand", look],
    ["Check what istiod sends it", look],
    ["Check whether istiod reads that cluster", referred],
    ["Check whether istiod is connected to that peer", referred],
  ],
  "checks/mesh/intermediates": [
    ["check what manages it", "update"],
    ["To have the stack's own again", "update"],
    ["Run pulumi up --replace", early],
    ["Have whoever manages the Secret (root.existing) replace it in", given],
    [
      "which renews it",
      ["test/engine/plugins/tls.test.ts", "until they reach into the present: then the certificate is replaced"],
    ],
    ["Find out why", look],
    ["Allow this user to forward ports", reach],
    ["Where the stack does not issue them", "update"],
  ],
  "checks/mesh/license": [
    ["Check its log", look],
    ["Create it:", licence],
    ["Obtain a new one from Solo", licence],
    ["Find out why", look],
  ],
  "checks/mesh/mesh-port": [
    ["See whether the container engine answers", look],
    ["The network between the nodes is broken", referred],
    ["Allow TCP", look],
    ["Most likely a NetworkPolicy", look],
  ],
  "checks/mesh/network-name": [[putBack, "update", "command"]],
  "checks/mesh/node-routes": [
    ["Make sure that", reach],
    ["Inspect it by hand", look],
    ["which sets the routes", drift],
  ],
  "checks/mesh/peers": [
    [putBack, "update"],
    ["istiod uses one Gateway per peer", "command"],
    ["which puts its label back", "update"],
    ["Delete it:", "command"],
    ["Check what istiod reports", look],
    ["which updates the address", "update"],
  ],
  "checks/mesh/pod-matrix": [
    ["Make sure that", reach],
    ["Find out what is wrong within", look],
    ["the check node-routes shows them", referred],
    ["Other pods of", referred],
    ["puts back the rules that keep addresses", referred],
    ["Mend what has no answer", referred],
    ["puts back the rules that keep addresses", referred],
  ],
  "checks/mesh/pods": [
    ["which installs what is missing", "update"],
    [putBack, "update", "command"],
    ["Find out why", look],
  ],
  "checks/mesh/published-roots": [
    ["Find out why", look],
    ["If it stays as it is, delete it", "command"],
  ],
  "checks/mesh/reachable": [
    ["Nothing can run without nodes", person],
    ["Find out why", look],
    ["If the cluster is gone for good", reach],
  ],
  "checks/mesh/remote-api-servers": [
    [
      "Make sure that",
      ["test/kind/life.test.ts", "an up repairs them, and each cluster still reads the other, not itself"],
    ],
    ["Set demo: true", person],
  ],
  "checks/mesh/remote-secrets": [
    [putBack, "update", "command", drift],
    ["that the stack does not have", "command"],
    ["Set apiServer on", person],
    ["Make sure that", reach],
    ["istioctl remote-clusters", look],
    ["Delete it:", "command"],
    ["See the check pods", referred],
    ["Find out why", look],
  ],
  "checks/mesh/root": [
    ["check what manages it", "update"],
    ["To have the stack's own again", "update"],
    [
      "Replace it in three updates",
      ["test/kind/rotation.ts", "Replaces a stack's root by another one, stage by stage"],
    ],
    ["each cluster's own findings say", referred],
  ],
  "checks/mesh/source-addresses": [["which puts the rules back", drift]],
  "checks/mesh/stale-entries": [
    ["Delete them, since istiod does not", "command"],
    ["Name its context as well", person],
    ["Make sure that", reach],
    ["istiod does not remove it by itself", "command"],
    ["See the checks peers and network-name", referred],
  ],
  "checks/mesh/subnets": [
    ["Look at its nodes'", look],
    ["Set podSubnet in the settings", person],
    ["Set serviceSubnet in the settings", person],
    ["Only one of them can be reached", person],
  ],
  "checks/mesh/traffic": [
    ["Try: ", look],
    ["See what is slow", look],
    ["Find out which cluster has that pod", referred],
  ],
  "checks/mesh/traffic-calls": [["Make sure that", reach]],
  "checks/mesh/traffic-path": [
    ["Enable ztunnel's access log", standIn],
    ["Calls go through gateways", referred],
    ["Check again", look],
  ],
  "checks/mesh/traffic-spread": [["Check whether ztunnel knows", referred]],
  "checks/mesh/trust-domain": [
    ["which installs what is missing", "update"],
    [putBack, "update", "command"],
  ],
  "checks/mesh/trusted-node-accounts": [
    ["which installs what is missing", "update"],
    [byHelm, "update", "command"],
    [putBack, noHelm],
  ],
  "checks/mesh/versions": [
    ["which installs what is missing", "update"],
    ["which brings everything to the settings' version", "update"],
    ["Check whether Helm can read it", look],
    ["which upgrades it again", "update", "command"],
    ["which brings every release to the settings' version", "update"],
    ["which records it anew", "update"],
    ["Check how far its rollout is", look],
  ],
  "checks/mesh/workload-certificates": [
    ["Allow this user to forward ports", reach],
    ["Find out why istiod issues none", look],
    ["ztunnel renews by itself", standIn],
    ["Leave the roots as they are", person],
  ],
  "checks/precheck/control-planes": [
    ["Uninstall it", precheck],
    ["It is left over", precheck],
  ],
  "checks/precheck/definitions": [
    ["delete what is left", precheck],
    ["Ask whoever manages it", person],
    ["Set istioVersion to", person],
  ],
  "checks/precheck/free-subnets": [["Set podSubnet in the settings", person]],
  "checks/precheck/kubernetes-version": [
    ["Look at what it answers", look],
    ["Upgrade the cluster", person],
    ["Set a later istioVersion", person],
  ],
  "checks/precheck/readiness": [["Use a user with the rights of", reach]],
  "checks/precheck/rights": [
    [
      "or have one give its user the role for it",
      ["test/kwok/existing/rights.test.ts", "an update comes up, is seen by a preview, and goes, by their roles alone"],
    ],
  ],
  "readiness/masquerade/agent": [["The agent reads it anew within two minutes", "command"]],
  "readiness/masquerade/calico": [["Make pools of them that give no addresses away", "command"]],
  "readiness/masquerade/cilium": [
    ["Have one range hold its own pods and these", "command"],
    ["No one range of a network of its own", person],
    ["Its agents read it anew", { untested: "The same command as for ip-masq-agent, which is run." }],
  ],
  "readiness/masquerade/daemons": [
    ["Except them, which does no harm", "command"],
    ["It adds rules behind its last one", "command"],
    ["Where the network around the nodes translates", person],
  ],
};
