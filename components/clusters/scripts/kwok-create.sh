# Makes the kwok cluster $NAME and prints its kubeconfig. Standard input: kwokctl's configuration, a line "---", and the
# objects (nodes, and the Stages that make nodes and pods look alive) that it starts with.
# Run again, it keeps a finished cluster of the same $IDENTITY, with the objects as they are now (another platform has others), and
# rebuilds every other one that $OWNER has made.
set -eu

home=${KWOK_WORKDIR:-$HOME/.kwok}
ledger=$home/flatmesh/$NAME
eval "$PRIVATE_WORKDIR"
# Ports are the machine's, whichever folder kwokctl works in.
lock=$flatmesh_cache/kwok-ports.lock

fail() {
  printf 'kwok cluster %s: %s\n' "$NAME" "$1" >&2
  exit 1
}

command -v kwokctl >/dev/null ||
  fail "the kwokctl command is not on the PATH. Install it: https://kwok.sigs.k8s.io/docs/user/installation/"

made=
locked=

# kwokctl tells its story in JSON; what matters of it is what went wrong.
quietly() {
  kwokctl --v ERROR "$@" 2>"$workdir/errors" || fail "$(reason)"
}
reason() {
  sed 's/.*"err":"\(.*\)"}$/\1/' "$workdir/errors" | tail -n 1
}
remove() {
  kwokctl --v ERROR delete cluster --name "$NAME" --kubeconfig "$workdir/none" >&2 && rm -rf "$ledger"
}
finish() {
  status=$?
  [ "$status" -eq 0 ] || [ -z "$made" ] || remove || true
  [ -z "$locked" ] || rm -f "$lock"
  rm -rf "$workdir"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cat >"$workdir/input"
sed '/^---$/,$d' "$workdir/input" >"$workdir/configuration.yaml"
sed '1,/^---$/d' "$workdir/input" >"$workdir/objects"

# Whether the cluster that is there is the one that version 0.1 has made and this stack's state has.
is_former() {
  [ "$(cat "$ledger/owner")/$(cat "$ledger/complete")" = "${FORMER_MARKS-}" ] &&
    [ "$(base64 <"$home/clusters/$NAME/pki/ca.crt" | tr -d '\n')" = "${FORMER_AUTHORITY-}" ]
}
if [ -d "$home/clusters/$NAME" ]; then
  [ "$(cat "$ledger/owner" 2>/dev/null)" = "$OWNER" ] || is_former 2>/dev/null ||
    fail "a cluster of this name exists that this stack has not made. Delete it (kwokctl delete cluster --name $NAME), give this one another name, or set uniqueNames."
  if [ "$(cat "$ledger/complete" 2>/dev/null)" = "$IDENTITY" ]; then
    quietly --name "$NAME" kubectl apply --server-side --filename "$workdir/objects" >/dev/null
    kwokctl get kubeconfig --name "$NAME"
    exit 0
  fi
  remove
fi

mkdir -p "$ledger"
printf '%s' "$OWNER" >"$ledger/owner"
made=yes

# kwokctl looks for free ports from the same number on, so two at a time would take the same ones, and one's API server
# would work on the other's etcd. When it is done, its processes listen.
until ln -s "$$" "$lock" 2>/dev/null; do
  # Released in between, it is another one's by now, perhaps.
  holder=$(readlink "$lock") && { kill -0 "$holder" 2>/dev/null || rm -f "$lock"; }
  sleep 0.1
done
locked=yes
tries=3
until kwokctl --v ERROR create cluster --name "$NAME" --runtime binary --config "$workdir/configuration.yaml" \
  --kubeconfig "$workdir/kubeconfig" 2>"$workdir/errors"; do
  tries=$((tries - 1))
  # On a busy machine it asks its new API server too early, now and then.
  case $(reason) in
  *"resource not handled"*) [ "$tries" -gt 0 ] || fail "$(reason)" ;;
  *) fail "$(reason)" ;;
  esac
  kwokctl --v ERROR delete cluster --name "$NAME" --kubeconfig "$workdir/none" >&2
done
rm -f "$lock"
locked=

tries=600
until kwokctl --name "$NAME" kubectl get --raw /readyz >/dev/null 2>&1; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || fail "its API server is not ready after a minute. Its logs: $home/clusters/$NAME/logs"
  sleep 0.1
done
quietly --name "$NAME" kubectl apply --server-side --filename "$workdir/objects" >/dev/null
printf '%s' "$IDENTITY" >"$ledger/complete"
kwokctl get kubeconfig --name "$NAME"
