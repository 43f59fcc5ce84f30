# Prints the nodes of the kind cluster $NAME as the container engine sees them now, one
# "<node> <role> <address> <pod subnet> <started at>" a line, or "<node> <role>" for one that does not run; nothing where the
# engine or the cluster is not there.
engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}

nodes=$("$engine" ps --all --quiet --filter "label=io.x-k8s.kind.cluster=$NAME" 2>/dev/null) || exit 0
[ -n "$nodes" ] || exit 0
# shellcheck disable=SC2086 # one identifier a word
"$engine" inspect --format "{{.Name}} {{index .Config.Labels \"io.x-k8s.kind.role\"}} {{.State.Running}} {{(index .NetworkSettings.Networks \"$network\").IPAddress}} {{.State.StartedAt}}" $nodes |
  sed 's|^/||' | sort | while read -r node role running address started; do
  case $role in
  control-plane | worker) ;;
  *) continue ;;
  esac
  if [ "$running" = true ]; then
    echo "$node $role $address $("$engine" exec "$node" cat /kind/flatmesh-pod-subnet) $started"
  else
    echo "$node $role"
  fi
done
