# Makes the routes on standard input, one "<node> <destination> <next hop>" a line, the only ones of this program on the
# nodes named by $NODES. A route is told by its protocol number, so stale ones are found without a record of them.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
protocol=186
wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT
sort >"$wanted"

while read -r node destination hop; do
  "$engine" exec "$node" ip route replace "$destination" via "$hop" proto "$protocol"
done <"$wanted"
for node in $NODES; do
  "$engine" exec "$node" ip route show proto "$protocol" | while read -r destination _ hop _; do
    grep -qxF "$node $destination $hop" "$wanted" || "$engine" exec "$node" ip route del "$destination" via "$hop" proto "$protocol"
  done
done
