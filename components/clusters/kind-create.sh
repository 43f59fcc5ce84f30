# Makes the kind cluster $NAME from the configuration on standard input and prints its kubeconfig.
# Run again, it keeps a finished cluster of the same $IDENTITY and rebuilds every other one that $OWNER has made.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
mark=/flatmesh/$OWNER

fail() {
  printf 'kind cluster %s: %s\n' "$NAME" "$1" >&2
  exit 1
}

command -v kind >/dev/null ||
  fail "the kind command is not on the PATH. Install it: https://kind.sigs.k8s.io/docs/user/quick-start/#installation"
command -v "$engine" >/dev/null ||
  fail "the $engine command is not on the PATH. Install a container engine, or name another in KIND_EXPERIMENTAL_PROVIDER."
"$engine" info >/dev/null 2>&1 ||
  fail "the container engine does not answer ($engine info fails). Start it, and see that you may use it."

made=
workdir=$(mktemp -d)
finish() {
  status=$?
  rm -rf "$workdir"
  # A half-made cluster would make the next try fail ("already exists").
  if [ "$status" -ne 0 ] && [ -n "$made" ]; then
    kind delete cluster --name "$NAME" --kubeconfig "$workdir/none" >&2 || true
    rm -rf "$workdir"
  fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cat >"$workdir/configuration"

node=$(kind get nodes --name "$NAME" 2>/dev/null | head -n 1)
if [ -n "$node" ]; then
  mounts=$("$engine" inspect --format '{{range .Mounts}}{{println .Destination}}{{end}}' "$node")
  case $mounts in
  *"$mark/"*) ;;
  *)
    fail "a cluster of this name exists that this stack has not made. Delete it (kind delete cluster --name $NAME), give this one another name, or set uniqueNames."
    ;;
  esac
  case $mounts in
  *"$mark/$IDENTITY"*)
    # The file is the last thing a creation leaves, and can be read in a stopped node as well.
    if "$engine" cp "$node:/kind/flatmesh-complete" - >/dev/null 2>&1; then
      kind get kubeconfig --name "$NAME"
      exit 0
    fi
    ;;
  esac
  kind delete cluster --name "$NAME" --kubeconfig "$workdir/none" >&2
fi

made=yes
# A kubeconfig of its own: the engineer's contexts are nobody's business but the engineer's.
kind create cluster --name "$NAME" --config "$workdir/configuration" --kubeconfig "$workdir/kubeconfig" --wait 5m >&2
for node in $(kind get nodes --name "$NAME"); do
  case $node in
  *-external-load-balancer) ;;
  *) "$engine" exec "$node" touch /kind/flatmesh-complete ;;
  esac
done
kind get kubeconfig --name "$NAME"
