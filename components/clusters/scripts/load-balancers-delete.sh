# Removes the container $NAME if it still is the one that $OWNER made.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}

containers=$("$engine" ps --all --quiet --filter "name=^/?$NAME\$" --filter "label=flatmesh.owner=$OWNER") || {
  echo "load balancers: the container engine does not answer ($engine ps fails), so nobody can tell whether container $NAME is gone. Start it and try again." >&2
  exit 1
}
# shellcheck disable=SC2086 # one identifier a word
[ -z "$containers" ] || "$engine" rm --force --volumes $containers >/dev/null
