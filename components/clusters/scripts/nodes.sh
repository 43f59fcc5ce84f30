# Prints the nodes of the kind cluster $NAME that $OWNER has made, as the container engine sees them now, one
# "<node> <role> <address> <pod subnet> <started at>" a line, or "<node> <role>" for one that does not run; nothing where the
# engine or the cluster is not there, or the cluster is another owner's.
engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}
eval "$OWNERSHIP"

nodes=$("$engine" ps --all --quiet --filter "label=io.x-k8s.kind.cluster=$NAME" 2>/dev/null) || exit 0
[ -n "$nodes" ] || exit 0
# As JSON, podman writes a time in one word, as Docker does.
# shellcheck disable=SC2086 # one identifier a word
"$engine" inspect --format "{{.Name}} {{index .Config.Labels \"io.x-k8s.kind.role\"}} {{.State.Running}} {{(index .NetworkSettings.Networks \"$network\").IPAddress}} {{json .State.StartedAt}}" $nodes |
  sed 's|^/||; s/"//g' | sort | while read -r node role running address started; do
  case $role in
  control-plane | worker) ;;
  *) continue ;;
  esac
  [ -n "$(identity_of "$node")" ] || continue
  if [ "$running" = true ]; then
    # Whoever is root in a node can write anything there.
    subnet=$("$engine" exec "$node" head -c 20 /kind/flatmesh-pod-subnet | head -n 1 | grep -xE '[0-9.]{7,15}/[0-9]{1,2}')
    echo "$node $role $address $subnet $started"
  else
    echo "$node $role"
  fi
done
