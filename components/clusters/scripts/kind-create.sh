# Makes the kind cluster $NAME from the configuration on standard input, waits until all its nodes are ready, and prints its
# kubeconfig. Run again, it keeps a finished cluster of the same $IDENTITY and rebuilds every other one that $OWNER has made.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
eval "$OWNERSHIP"
eval "$PRIVATE_WORKDIR"

fail() {
  printf 'kind cluster %s: %s\n' "$NAME" "$1" >&2
  exit 1
}
of_role() {
  "$engine" ps --all --format '{{.Names}}' --filter "label=io.x-k8s.kind.cluster=$NAME" --filter "label=io.x-k8s.kind.role=$1"
}
# Without kind's own load balancer, which several control planes have in front of them, and which carries no mark.
nodes() {
  { of_role control-plane && of_role worker; } | sort
}
discard() {
  # shellcheck disable=SC2046 # one identifier a word
  set -- $("$engine" ps --all --quiet --filter "label=$1=$NAME")
  [ $# -eq 0 ] || "$engine" rm --force --volumes "$@" >/dev/null
}
# The load balancers of its Services are containers of their own, which lead to nodes that are gone then.
remove() {
  kind delete cluster --name "$NAME" --kubeconfig "$workdir/none" >&2 && discard io.x-k8s.cloud-provider-kind.cluster
}

made=
finish() {
  status=$?
  # A half-made cluster would make the next try fail ("already exists").
  if [ "$status" -ne 0 ] && [ -n "$made" ]; then
    remove || true
  fi
  rm -rf "$workdir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cat >"$workdir/configuration"

node=$(nodes | head -n 1)
if [ -n "$node" ]; then
  identity=$(identity_of "$node")
  [ -n "$identity" ] ||
    fail "a cluster of this name exists that this stack has not made. Delete it (kind delete cluster --name $NAME), give this one another name, or set uniqueNames."
  # The first one last, as at its creation.
  for one in $(nodes | sort -r); do
    claim "$one" ||
      fail "node $one was made by an earlier version of this program, and it can't be told whether this stack has made it: it does not run, another stack has it by now, or it is not the cluster in this stack's state. Start it ($engine start $one), and repeat this; if it is another stack's, give this cluster another name."
  done
  # The file is the last thing a creation leaves, and can be read in a stopped node as well.
  if [ "$identity" = "$IDENTITY" ] && "$engine" cp "$node:/kind/flatmesh-complete" - >/dev/null 2>&1; then
    kind get kubeconfig --name "$NAME"
    exit 0
  fi
  remove
else
  # Of a cluster whose nodes were removed by hand; kind's own load balancer would make the creation fail ("already exist").
  discard io.x-k8s.kind.cluster
  discard io.x-k8s.cloud-provider-kind.cluster
fi

made=yes
# A kubeconfig of its own: the engineer's contexts are nobody's business but the engineer's.
kind create cluster --name "$NAME" --config "$workdir/configuration" --kubeconfig "$workdir/kubeconfig" --wait 5m >&2

node=$(nodes | head -n 1)
in_cluster() {
  "$engine" exec "$node" kubectl --kubeconfig /etc/kubernetes/admin.conf "$@"
}
# kind itself waits for control planes only.
in_cluster wait --for=condition=Ready nodes --all --timeout=5m >/dev/null || fail "its nodes did not become ready within 5 minutes"
if [ "$(of_role control-plane | wc -l)" -gt 1 ] && [ -z "$(of_role worker)" ]; then
  # Without workers the control planes have to run the pods, and to answer for load balancers. kind sees to that only where
  # there is one node in all.
  in_cluster taint nodes --all node-role.kubernetes.io/control-plane- >/dev/null
  in_cluster label nodes --all node.kubernetes.io/exclude-from-external-load-balancers- >/dev/null
fi
for one in $(nodes); do
  subnet=$(in_cluster get node "$one" --output 'jsonpath={.spec.podCIDR}')
  case $subnet in
  *[!0-9./]* | "") fail "node $one has no IPv4 subnet for its pods: see the logs of its kube-controller-manager" ;;
  esac
  # Routes need the subnet also while the API server does not answer.
  printf '%s\n' "$subnet" | "$engine" exec --interactive "$one" sh -c 'cat >/kind/flatmesh-pod-subnet'
done
# cloud-provider-kind knows clusters by name, and keeps the credentials of the one that it has met first. Killed, since a
# polite end makes it delete the load balancers of all clusters.
for balancers in $("$engine" ps --all --quiet --filter "label=flatmesh.owner=$OWNER"); do
  "$engine" kill "$balancers" >/dev/null 2>&1 || true
  "$engine" start "$balancers" >/dev/null ||
    fail "container $balancers, which gives load balancers their addresses, can't be started again (see above). Remove it ($engine rm --force $balancers), and repeat this."
done
# The first one last: the next run asks it alone.
for one in $(nodes | sort -r); do
  "$engine" exec "$one" touch /kind/flatmesh-complete
done
kind get kubeconfig --name "$NAME"
