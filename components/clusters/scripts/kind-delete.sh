# Deletes the kind cluster $NAME if it still is the one that $OWNER made with $IDENTITY; anything else is left alone.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
# What nobody has claimed is for a creation alone to take over.
FORMER_MARKS=
eval "$OWNERSHIP"

fail() {
  printf 'kind cluster %s: %s\n' "$NAME" "$1" >&2
  exit 1
}
containers() {
  label=$1=$NAME
  shift
  "$engine" ps --all --quiet --filter "label=$label" "$@"
}

all=$(containers io.x-k8s.kind.cluster) ||
  fail "the container engine does not answer ($engine ps fails), so nobody can tell whether the cluster is gone. Start it and try again."
# kind's own load balancer, which several control planes have in front of them, carries no mark: alone, it is nobody's any more.
nodes=$(for role in control-plane worker; do containers io.x-k8s.kind.cluster --filter "label=io.x-k8s.kind.role=$role"; done)
own=
for node in $nodes; do
  [ "$(identity_of "$node")" != "$IDENTITY" ] || own=yes
done
[ -z "$nodes" ] || [ -n "$own" ] || exit 0
# Load balancers are containers of their own, which outlive the cluster when nobody watches any more.
# shellcheck disable=SC2046 # one identifier a word
set -- $all $(containers io.x-k8s.cloud-provider-kind.cluster)
# By the engine, as kind does it: kind may be gone, and would change the engineer's kubeconfig.
volumes=
case $("$engine" --version 2>/dev/null) in
# With podman kind gives each node a volume by name, and that a label with the node's name: it does not go with its container.
podman*)
  for node in $("$engine" ps --all --format '{{.Names}}' --filter "label=io.x-k8s.kind.cluster=$NAME"); do
    volumes="$volumes $("$engine" volume ls --quiet --filter "label=$node")"
  done
  ;;
esac
[ $# -eq 0 ] || "$engine" rm --force --volumes "$@" >/dev/null
for volume in $volumes; do
  "$engine" volume rm "$volume" >/dev/null
done
