# Prints the names of what stands in the existing cluster $NAME already, of the kinds that remains-remove.sh looks at.
set -eu

command -v kubectl >/dev/null || {
  echo "existing cluster $NAME: the kubectl command is not on the PATH. Install it (https://kubernetes.io/docs/tasks/tools/): in the end it removes what Helm and istiod leave behind." >&2
  exit 1
}
workdir=$(mktemp -d)
trap 'rm -rf "$workdir"' EXIT
(umask 077 && printf '%s' "$KUBECONFIG_TEXT" >"$workdir/kubeconfig")
in_cluster() {
  kubectl --kubeconfig "$workdir/kubeconfig" --context "$CONTEXT" --cache-dir "$workdir/cache" "$@"
}
names='jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\n"}{end}'

in_cluster get customresourcedefinitions --output "$names"
if in_cluster get customresourcedefinition gatewayclasses.gateway.networking.k8s.io >/dev/null 2>&1; then
  in_cluster get gatewayclasses.gateway.networking.k8s.io --output "$names"
fi
in_cluster get configmaps --all-namespaces --field-selector metadata.name=istio-ca-root-cert --ignore-not-found \
  --output "$names"
in_cluster get configmaps,leases.coordination.k8s.io,secrets --namespace istio-system --ignore-not-found \
  --output "$names"
