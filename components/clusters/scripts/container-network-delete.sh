# The end of a stack's kind clusters: removes what a killed creation has left of those that $OWNER has made, and the
# container network if no stack and no person needs it any more.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}
eval "$OWNERSHIP"

nodes=$("$engine" ps --all --quiet --filter label=io.x-k8s.kind.cluster) || {
  echo "The container engine does not answer ($engine ps fails), so nobody can tell what is left on it. Start it and try again." >&2
  exit 1
}
for node in $nodes; do
  if [ -n "$(identity_of "$node")" ]; then
    name=$("$engine" inspect --format '{{index .Config.Labels "io.x-k8s.kind.cluster"}}' "$node")
    volumes=
    case $("$engine" --version 2>/dev/null) in
    # As in kind-delete.sh.
    podman*)
      for one in $("$engine" ps --all --format '{{.Names}}' --filter "label=io.x-k8s.kind.cluster=$name"); do
        volumes="$volumes $("$engine" volume ls --quiet --filter "label=$one")"
      done
      ;;
    esac
    # shellcheck disable=SC2046 # one identifier a word
    "$engine" rm --force --volumes $("$engine" ps --all --quiet --filter "label=io.x-k8s.kind.cluster=$name") >/dev/null
    for volume in $volumes; do
      "$engine" volume rm "$volume" >/dev/null
    done
  fi
done

mark=$("$engine" network inspect --format '{{index .Labels "flatmesh"}}' "$network" 2>/dev/null) || exit 0
if [ "$mark" = network ] && [ -z "$("$engine" ps --all --quiet --filter "network=$network")" ]; then
  "$engine" network rm "$network" >/dev/null
fi
