# Takes this program's routes off the nodes named by $NODES; a node that is gone has none.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
for node in $NODES; do
  if [ "$("$engine" inspect --format '{{.State.Running}}' "$node" 2>/dev/null)" = true ]; then
    "$engine" exec "$node" ip route flush proto 186
  fi
done
