# Prints the nodes of the kind cluster $NAME that $OWNER has made, as the container engine sees them now, one
# "<node> <role> <address> <pod subnet> <started at>" a line, or "<node> <role>" for one that does not run; after each that runs a
# line "+<node> route <destination> <next hop>" for each route of this program, and "+<node> rules intact", or "changed" or
# "absent" (see node-network.sh); with $WITH_IMAGES also "+<node> image <name> <digest>" for each image that it has, and "+<node> images
# listed" after the last one. Nothing where the engine or the cluster is not there, or the cluster is another owner's.
engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}
eval "$OWNERSHIP"

# Without sizes and labels, which are most of the text.
list_images='list=$(ctr --namespace=k8s.io images ls 2>/dev/null) || exit 0
printf "%s\n" "$list" | while read -r name _ digest _; do echo "image $name $digest"; done
echo images listed'
[ -n "${WITH_IMAGES-}" ] || list_images=

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
    said=$("$engine" exec "$node" sh -c 'head -c 20 /kind/flatmesh-pod-subnet; echo
ip -4 route show proto 186
sh /kind/flatmesh-network/run.sh check 2>/dev/null || echo rules absent
'"$list_images" | head -c 65536)
    subnet=$(printf '%s\n' "$said" | head -n 1 | grep -xE '[0-9.]{7,15}/[0-9]{1,2}')
    echo "$node $role $address $subnet $started"
    printf '%s\n' "$said" | sed -nE "s#^([0-9.]{7,15}(/[0-9]{1,2})?) via ([0-9.]{7,15}) .*#+$node route \\1 \\3#p; s#^rules (intact|changed|absent)\$#+$node rules \\1#p
      s#^image ([A-Za-z0-9._:/@-]{1,512} sha256:[0-9a-f]{64})\$#+$node image \\1#p; s#^images listed\$#+$node images listed#p"
  else
    echo "$node $role"
  fi
done
