# Removes the container $NAME if it still is the one that $OWNER made.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
command -v "$engine" >/dev/null || exit 0
owner=$("$engine" inspect --format '{{index .Config.Labels "flatmesh.owner"}}' "$NAME" 2>/dev/null) || exit 0
if [ "$owner" = "$OWNER" ]; then
  "$engine" rm --force --volumes "$NAME" >/dev/null
fi
