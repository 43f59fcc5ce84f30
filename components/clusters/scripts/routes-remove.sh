# Takes this program's routes off the nodes named by $NODES; a node that is gone, or another owner's by now, has none of this stack's.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
eval "$OWNERSHIP"
for node in $NODES; do
  if [ -n "$(identity_of "$node")" ] && [ "$("$engine" inspect --format '{{.State.Running}}' "$node" 2>/dev/null)" = true ]; then
    "$engine" exec "$node" ip route flush proto 186
  fi
done
