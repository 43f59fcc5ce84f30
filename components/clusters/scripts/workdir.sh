# $workdir: a folder for the script's lifetime, which its user alone can look into and nobody else could have put there. What a
# script that was killed has left goes with the next one.
private_folder() {
  (umask 077 && mkdir -p "$1")
  if [ -L "$1" ] || [ -n "$(find "$1" -prune \( ! -user "$(id -u)" -o -perm -020 -o -perm -002 \) -print)" ]; then
    echo "$1: this folder is not its user's alone, so that others could change what is in it. Move it away (mv $1 $1.old), and repeat this." >&2
    exit 1
  fi
}
flatmesh_cache=${XDG_CACHE_HOME:-$HOME/.cache}/flatmesh
private_folder "$flatmesh_cache"
private_folder "$flatmesh_cache/scripts"
host=$(uname -n)
for left in "$flatmesh_cache/scripts/$host".*; do
  process=${left##*/"$host".}
  kill -0 "${process%%.*}" 2>/dev/null || rm -rf "$left"
done
workdir=$(mktemp -d "$flatmesh_cache/scripts/$host.$$.XXXXXX")
trap 'rm -rf "$workdir"' EXIT
