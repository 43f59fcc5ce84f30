# Prints the names of what stands in the existing cluster $NAME already, of the kinds that remains-remove.sh looks at.
set -eu

eval "$IN_CLUSTER"

istio_definitions
{
  if in_cluster get customresourcedefinition gatewayclasses.gateway.networking.k8s.io >/dev/null 2>&1; then
    in_cluster get gatewayclasses.gateway.networking.k8s.io --output "$names"
  fi
  in_cluster get configmaps --all-namespaces --field-selector metadata.name=istio-ca-root-cert --ignore-not-found \
    --output "$names"
  in_cluster get configmaps,leases.coordination.k8s.io,secrets --namespace istio-system --ignore-not-found \
    --output "$names"
} >"$workdir/names"
only_names <"$workdir/names"
