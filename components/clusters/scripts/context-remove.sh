# Takes context, cluster and user $NAME out of the engineer's kubeconfig, if they still lead to the cluster that
# context-add.sh put there: a rebuilt one of the same name has a certificate authority of its own.
set -eu

command -v kubectl >/dev/null || {
  printf 'context %s: the kubectl command is not on the PATH, and is needed to remove it. Install it: https://kubernetes.io/docs/tasks/tools/\n' "$NAME" >&2
  exit 1
}
there=$(kubectl config view --raw --flatten --output "jsonpath={.clusters[?(@.name==\"$NAME\")].cluster.certificate-authority-data}")
[ "$(printf '%s' "$there" | base64 -d | cksum)" = "$(printf '%s\n' "$PULUMI_COMMAND_STDOUT" | head -n 1)" ] || exit 0
[ "$(kubectl config current-context 2>/dev/null)" != "$NAME" ] || kubectl config unset current-context >/dev/null
for part in context cluster user; do
  kubectl config "delete-$part" -- "$NAME" >/dev/null 2>&1 || true
done
