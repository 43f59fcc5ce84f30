# Makes the routes on standard input, one "<node> <destination> <next hop> <its node>" a line, the only ones of this program on the
# nodes named by $NODES, and has the pods of $POD_SUBNET keep their addresses on them (see node-network.sh, $NODE_NETWORK). A route
# is told by its protocol number, so stale ones are found without a record of them.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
eval "$OWNERSHIP"
protocol=186
wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT
sort >"$wanted"

for node in $NODES; do
  [ -n "$(identity_of "$node")" ] || {
    echo "node $node can't be asked, or is not of a cluster that this stack has made. See that the container engine answers ($engine ps), and run pulumi up again, which looks anew." >&2
    exit 1
  }
done
while read -r node destination hop _; do
  "$engine" exec "$node" ip route replace "$destination" via "$hop" proto "$protocol"
done <"$wanted"
for node in $NODES; do
  # Only what the program itself could have made there is taken for a route of its own.
  "$engine" exec "$node" ip route show proto "$protocol" | grep -E '^[0-9./]+ via [0-9.]+ ' | while read -r destination _ hop _; do
    cut -d ' ' -f 1-3 "$wanted" | grep -qxF "$node $destination $hop" || "$engine" exec "$node" ip route del "$destination" via "$hop" proto "$protocol"
  done
done
for node in $NODES; do
  printf '%s' "$NODE_NETWORK" | "$engine" exec --interactive "$node" sh -c 'mkdir -p /kind/flatmesh-network && cat >/kind/flatmesh-network/run.sh'
  # Last, so that no packet leaves by its own address that has no way yet.
  sed -n "s/^$node //p" "$wanted" | "$engine" exec --interactive "$node" sh /kind/flatmesh-network/run.sh install "$POD_SUBNET"
done
