# Deletes the kind cluster $NAME if it still is the one that $OWNER made with $IDENTITY; anything else is left alone.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}

# Load balancers are containers of their own, which outlive the cluster when nobody watches any more.
remove_load_balancers() {
  balancers=$("$engine" ps --all --quiet --filter "label=io.x-k8s.cloud-provider-kind.cluster=$NAME" 2>/dev/null) || return 0
  # shellcheck disable=SC2086 # one identifier a word
  [ -z "$balancers" ] || "$engine" rm --force --volumes $balancers >/dev/null
}

node=$(kind get nodes --name "$NAME" 2>/dev/null | head -n 1)
if [ -z "$node" ]; then
  remove_load_balancers
  exit 0
fi
mounts=$("$engine" inspect --format '{{range .Mounts}}{{println .Destination}}{{end}}' "$node")
case $mounts in
*"/flatmesh/$OWNER/$IDENTITY"*)
  workdir=$(mktemp -d)
  trap 'rm -rf "$workdir"' EXIT
  kind delete cluster --name "$NAME" --kubeconfig "$workdir/none"
  remove_load_balancers
  ;;
esac
