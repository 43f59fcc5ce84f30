# For scripts that look at the existing cluster $NAME: in_cluster is its kubectl, $workdir a folder for the script's lifetime, and
# $names has kubectl print lines "<Kind> <namespace>/<name>".
command -v kubectl >/dev/null || {
  echo "existing cluster $NAME: the kubectl command is not on the PATH. Install it (https://kubernetes.io/docs/tasks/tools/), and repeat this: it sees what is there, and removes in the end what Helm and istiod leave behind." >&2
  exit 1
}
workdir=$(mktemp -d)
trap 'rm -rf "$workdir"' EXIT
(umask 077 && printf '%s' "$KUBECONFIG_TEXT" >"$workdir/kubeconfig")
in_cluster() {
  kubectl --kubeconfig "$workdir/kubeconfig" --context "$CONTEXT" --cache-dir "$workdir/cache" "$@"
}
names='jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\n"}{end}'
