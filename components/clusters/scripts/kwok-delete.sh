# Deletes the kwok cluster $NAME if it still is the one that $OWNER made with $IDENTITY; anything else is left alone.
set -eu

home=${KWOK_WORKDIR:-$HOME/.kwok}
ledger=$home/flatmesh/$NAME

[ "$(cat "$ledger/owner" 2>/dev/null)" = "$OWNER" ] || exit 0
[ "$(cat "$ledger/complete" 2>/dev/null)" = "$IDENTITY" ] || exit 0
eval "$PRIVATE_WORKDIR"
if [ -d "$home/clusters/$NAME" ]; then
  kwokctl delete cluster --name "$NAME" --kubeconfig "$workdir/none"
fi
rm -rf "$ledger"
