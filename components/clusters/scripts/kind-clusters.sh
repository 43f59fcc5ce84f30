# Prints the kind clusters of this machine that $OWNER has made, one "<name> <identity>" a line, and "." after the last one.
# Without that nobody can tell: no container engine answers, or no kind cluster has ever been on it, as where a pull request
# is previewed.
engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}
eval "$OWNERSHIP"

"$engine" network inspect "$network" >/dev/null 2>&1 || exit 0
nodes=$("$engine" ps --all --quiet --filter label=io.x-k8s.kind.role=control-plane 2>/dev/null) || exit 0
for node in $nodes; do
  identity=$(identity_of "$node")
  if [ -n "$identity" ]; then
    name=$("$engine" inspect --format '{{index .Config.Labels "io.x-k8s.kind.cluster"}}' "$node" 2>/dev/null) || exit 0
    echo "$name $identity"
  fi
done
echo .
