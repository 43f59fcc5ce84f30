# Runs in a kind node, as /kind/flatmesh-network/run.sh. It has pods keep their addresses on the way to other clusters: kind's agent
# masquerades whatever leaves its own cluster, so that calls would come from a node's address.
#
#   install POD_SUBNET   for a cluster with this subnet, and the routes on standard input, "<destination> <next hop> <its node>" a line
#   restore              what is installed, when the node starts
#   check                prints "rules intact" if they are as they were installed, otherwise "rules changed" or "rules absent"
#   remove               takes it all back
set -eu
home=/kind/flatmesh-network
unit=/etc/systemd/system/flatmesh-network.service
wanted=/etc/systemd/system/multi-user.target.wants/flatmesh-network.service
chain=FLATMESH-SOURCE

# One pair of subnets a line, and whether what kube-proxy has marked is left to it. A call from a pod here that kube-proxy translates
# to somewhere beyond this node (a NodePort, a Service that leads back to its caller) needs kube-proxy's masquerading: the answer has
# to come back through this node. A call from elsewhere to a pod on this very node does so anyway.
pairs() {
  pods=$(cat "$home/pod-subnet")
  local=$(head -n 1 /kind/flatmesh-pod-subnet)
  while read -r destination _; do
    echo "$pods $destination unmarked"
    echo "$destination $local any"
  done <"$home/routes"
}

# The first chain that translates a connection's source is the last one that is asked, whatever tool has made the others, and an
# address that is translated to itself counts. Only accepting it would leave it to chains of other tables. 80 is before iptables
# (100), which kind's agent and kube-proxy use, and before kindnet's own agent with nftables (90).
with_nftables() {
  {
    printf 'table ip flatmesh\ndelete table ip flatmesh\ntable ip flatmesh {\nchain postrouting {\n'
    printf 'type nat hook postrouting priority 80; policy accept;\n'
    pairs | while read -r source destination marked; do
      mark=
      [ "$marked" = any ] || mark='meta mark & 0x4000 == 0'
      echo "ip saddr $source ip daddr $destination $mark snat to ip saddr"
    done
    printf '}\n}\n'
  } | nft -f -
}

# For node images without nft (before Kubernetes 1.30), where the agent appends its rules and so stays behind these.
with_iptables() {
  iptables -w -t nat -N "$chain" 2>/dev/null || iptables -w -t nat -F "$chain"
  pairs | while read -r source destination marked; do
    if [ "$marked" = any ]; then
      iptables -w -t nat -A "$chain" -s "$source" -d "$destination" -j ACCEPT
    else
      iptables -w -t nat -A "$chain" -s "$source" -d "$destination" -m mark ! --mark 0x4000/0x4000 -j ACCEPT
    fi
  done
  iptables -w -t nat -D POSTROUTING -j "$chain" 2>/dev/null || true
  iptables -w -t nat -I POSTROUTING 1 -j "$chain"
}

without_iptables() {
  iptables -w -t nat -D POSTROUTING -j "$chain" 2>/dev/null || return 0
  iptables -w -t nat -F "$chain"
  iptables -w -t nat -X "$chain"
}

# As the tool itself prints the rules; of iptables also which chain is asked first.
listed() {
  if nft list table ip flatmesh 2>/dev/null; then
    return 0
  fi
  iptables -w -t nat -S "$chain" 2>/dev/null || return 0
  iptables -w -t nat -S POSTROUTING | grep -oE -m 1 "$chain|KIND-MASQ-AGENT"
}

exempt() {
  if command -v nft >/dev/null && with_nftables 2>/dev/null; then
    without_iptables
  else
    with_iptables
  fi
  listed >"$home/listed"
}

case $1 in
install)
  echo "$2" >"$home/pod-subnet"
  cat >"$home/routes"
  exempt
  cat >"$unit" <<UNIT
[Unit]
Description=Routes to the pods of other clusters, which see the addresses of this one's pods
[Service]
ExecStart=/bin/sh $home/run.sh restore
UNIT
  mkdir -p "${wanted%/*}"
  ln -sf "$unit" "$wanted"
  ;;
restore)
  exempt
  # By names, since nodes may have other addresses now. Those of other nodes are known once these have started, too.
  for _ in $(seq 150); do
    missing=
    while read -r destination _ node; do
      hop=$(getent ahostsv4 "$node" | head -n 1 | cut -d ' ' -f 1)
      if [ -z "$hop" ] || ! ip route replace "$destination" via "$hop" proto 186 2>/dev/null; then
        missing=yes
      fi
    done <"$home/routes"
    [ -n "$missing" ] || break
    sleep 2
  done
  ;;
check)
  if [ ! -e "$home/listed" ]; then
    echo "rules absent"
  elif [ -e "$wanted" ] && [ -e "$unit" ] && [ "$(listed)" = "$(cat "$home/listed")" ]; then
    echo "rules intact"
  else
    echo "rules changed"
  fi
  ;;
remove)
  nft delete table ip flatmesh 2>/dev/null || true
  without_iptables
  rm -rf "$home" "$unit" "$wanted"
  ;;
esac
