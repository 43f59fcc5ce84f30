# Prints the nodes of the kind cluster $NAME as the container engine sees them now, one
# "<node> <role> <address> <pod subnet> <started at>" a line; nothing where the engine or the cluster is not there.
engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
nodes=$("$engine" ps --quiet --filter "label=io.x-k8s.kind.cluster=$NAME" 2>/dev/null) || exit 0
[ -n "$nodes" ] || exit 0
# shellcheck disable=SC2086 # one identifier a word
"$engine" inspect --format '{{.Name}} {{index .Config.Labels "io.x-k8s.kind.role"}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}} {{.State.StartedAt}}' $nodes |
  sed 's|^/||' | sort | while read -r node role address started; do
  case $role in
  control-plane) first=${first:-$node} ;;
  worker) ;;
  *) continue ;;
  esac
  subnet=$("$engine" exec "${first:-$node}" kubectl --kubeconfig /etc/kubernetes/admin.conf get node "$node" --output 'jsonpath={.spec.podCIDR}' 2>/dev/null)
  echo "$node $role $address $subnet $started"
done
