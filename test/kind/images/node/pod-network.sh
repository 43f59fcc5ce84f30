#!/bin/bash
# Does for the tests what kindnet does in kind's own node images, which is to be had as an image only: writes the node's CNI
# configuration, routes to the pods of the cluster's other nodes, and masquerades what pods send out of their cluster.
set -uo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export KUBECONFIG=/etc/kubernetes/kubelet.conf
node=$(hostname)
configuration=/etc/cni/net.d/10-pod-network.conflist

get() {
  kubectl get "$@" 2>/dev/null
}

configure() {
  local subnet
  subnet=$(get node "$node" --output 'jsonpath={.spec.podCIDR}')
  [ -n "$subnet" ] || return
  mkdir -p "${configuration%/*}"
  # Renamed into place, since containerd reads whatever it finds there.
  cat >"$configuration.new" <<JSON
{
  "cniVersion": "0.3.1",
  "name": "pod-network",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "mtu": 1500,
      "ipam": {
        "type": "host-local",
        "dataDir": "/run/cni-ipam-state",
        "routes": [{ "dst": "0.0.0.0/0" }],
        "ranges": [[{ "subnet": "$subnet" }]]
      }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
JSON
  mv "$configuration.new" "$configuration"
}

masquerade() {
  local subnet
  subnet=$(get configmap --namespace kube-system kubeadm-config --output 'jsonpath={.data.ClusterConfiguration}' |
    sed -n 's/^ *podSubnet: *//p')
  [ -n "$subnet" ] || return
  iptables --table nat --new-chain KIND-MASQ-AGENT
  iptables --table nat --append KIND-MASQ-AGENT --destination "$subnet" --jump RETURN
  iptables --table nat --append KIND-MASQ-AGENT --jump MASQUERADE
  iptables --table nat --append POSTROUTING --match addrtype ! --dst-type LOCAL --jump KIND-MASQ-AGENT
}

# Follows the nodes as they come and change, for as long as the API server goes on telling.
route() {
  local each='{.metadata.name} {.spec.podCIDR} {.status.addresses[?(@.type=="InternalIP")].address}'
  get nodes --watch --output "jsonpath=$each{\"\\n\"}" | while read -r name subnet address _; do
    if [ "$name" != "$node" ] && [ -n "$address" ]; then
      ip route replace "$subnet" via "$address"
    fi
  done
}

until [ -s "$KUBECONFIG" ]; do
  sleep 0.2
done
until [ -s "$configuration" ]; do
  configure
  sleep 0.5
done
until iptables --table nat --list-rules KIND-MASQ-AGENT >/dev/null 2>&1; do
  masquerade
  sleep 0.5
done
while true; do
  route
  sleep 1
done
