# Loads the images on standard input, one "<image> <identifier>" a line, into every node of the kind cluster $NAME, and prints
# what the nodes have of them then, one "<node> <image> <name in the node> <digest>" a line.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
eval "$OWNERSHIP"
images=
# The last line has no end: what a Command prints is trimmed.
while read -r image _ || [ -n "$image" ]; do
  # One that is gone since the plan is left to the nodes to pull.
  if "$engine" image inspect -- "$image" >/dev/null 2>&1; then
    images="$images $image"
  fi
done
[ -n "$images" ] || exit 0

fail() {
  printf 'kind cluster %s: %s\n' "$NAME" "$1" >&2
  exit 1
}
# As containerd names an image: with the registry, and a tag.
name_in_node() {
  name=$1
  case ${name%%/*} in
  "$name") name=docker.io/library/$name ;;
  *.* | *:* | localhost) ;;
  *) name=docker.io/$name ;;
  esac
  case ${name##*/} in
  *:* | *@*) ;;
  *) name=$name:latest ;;
  esac
  printf '%s\n' "$name"
}
workdir=$(mktemp -d)
trap 'rm -rf "$workdir"' EXIT
case $("$engine" --version 2>/dev/null) in
# Without it podman would save the first image alone, under the names of all.
podman*) several=--multi-image-archive ;;
*) several= ;;
esac
# shellcheck disable=SC2086 # one image a word
"$engine" save $several --output "$workdir/images.tar" -- $images || fail "its images can't be saved (see above). Is there room in ${TMPDIR:-/tmp}?"
for role in control-plane worker; do
  for node in $("$engine" ps --format '{{.Names}}' --filter "label=io.x-k8s.kind.cluster=$NAME" --filter "label=io.x-k8s.kind.role=$role"); do
    [ -n "$(identity_of "$node")" ] ||
      fail "node $node can't be asked, or is not of a cluster that this stack has made. See that the container engine answers ($engine ps), and run pulumi up again."
    # Only what this platform needs: an engine need not have the other platforms' parts of an image. And containerd unpacks an
    # image by itself where the first container needs it, by the snapshotter that it is set up with.
    "$engine" exec --interactive "$node" ctr --namespace=k8s.io images import --no-unpack - <"$workdir/images.tar" >/dev/null ||
      fail "node $node does not take the images (see above)"
    "$engine" exec "$node" ctr --namespace=k8s.io images ls | head -c 1048576 >"$workdir/there"
    for image in $images; do
      name=$(name_in_node "$image")
      while read -r has _ digest _; do
        [ "$has" != "$name" ] || echo "$node $image $name $digest"
      done <"$workdir/there"
    done
  done
done
