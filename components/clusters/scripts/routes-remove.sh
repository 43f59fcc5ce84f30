# Takes this program's routes, and what keeps the addresses of pods on them (see node-network.sh), off the nodes named by $NODES; a node that is gone, or another owner's by now, has none of this stack's.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
eval "$OWNERSHIP"
for node in $NODES; do
  if [ -n "$(identity_of "$node")" ] && [ "$("$engine" inspect --format '{{.State.Running}}' "$node" 2>/dev/null)" = true ]; then
    # A node of an earlier version has nothing but routes.
    "$engine" exec "$node" sh -c 'run=/kind/flatmesh-network/run.sh; [ ! -e $run ] || sh $run remove'
    "$engine" exec "$node" ip route flush proto 186
  fi
done
