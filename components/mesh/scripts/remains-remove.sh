# Removes from the existing cluster $NAME what Helm and istiod leave behind, but nothing that remains-record.sh has recorded
# ($PULUMI_COMMAND_STDOUT): it was there before. The definitions are those of Istio's base chart and those in $DEFINITIONS.
set -eu

eval "$IN_CLUSTER"
printf '%s\n' "${PULUMI_COMMAND_STDOUT-}" >"$workdir/record"

# Of lines "<Kind> <namespace>/<name>", those that are not recorded and match a pattern.
new() {
  only_names | grep -E "$1" | grep -vxFf "$workdir/record" || true
}
# Deletes what such lines name, of the kinds that are looked for below.
remove() {
  while read -r kind path; do
    case $kind in
    GatewayClass) resource=gatewayclasses.gateway.networking.k8s.io ;;
    ConfigMap) resource=configmaps ;;
    Lease) resource=leases.coordination.k8s.io ;;
    Secret) resource=secrets ;;
    *) continue ;;
    esac
    namespace=${path%%/*}
    in_cluster delete ${namespace:+--namespace "$namespace"} --ignore-not-found --timeout=2m -- "$resource" "${path#*/}" >&2
  done
}
# Deletes the definitions of $1 (separated by spaces, which no name has), unless there is something that they define: one of
# them without the others would be of no use.
remove_definitions() {
  [ -n "$1" ] || return 0
  # shellcheck disable=SC2086
  in_cluster get --ignore-not-found --output name -- customresourcedefinitions $1 >"$workdir/found"
  there=$(sed 's#^.*/##' "$workdir/found" | only_resources | paste -sd, -)
  [ -n "$there" ] || return 0
  in_cluster get --all-namespaces --ignore-not-found --output "$names" -- "$there" >"$workdir/things"
  # What istiod has put into its own namespace goes with the definitions.
  if used=$(grep -vE '^[A-Za-z]+ istio-system/autogen' "$workdir/things"); then
    echo "existing cluster $NAME: these definitions stay, since things of somebody else would go with them ($(printf '%s\n' "$used" | head -n 3 | cut -c -300 | tr -cd '\n -~' | paste -sd, -)): $1" >&2
  else
    # shellcheck disable=SC2086
    in_cluster delete --ignore-not-found --timeout=2m -- customresourcedefinitions $1 >&2
  fi
}

reach

# What istiod has written: the mesh's classes of Gateways, the root in every namespace, and what it elects its leaders by.
if in_cluster get customresourcedefinition gatewayclasses.gateway.networking.k8s.io >/dev/null 2>&1; then
  in_cluster get gatewayclasses.gateway.networking.k8s.io \
    --output 'jsonpath={range .items[?(@.spec.controllerName)]}{.spec.controllerName} {.kind} /{.metadata.name}{"\n"}{end}' |
    sed -nE 's#^(istio|solo)\.io/[^ ]* ##p' | new . | remove
fi
in_cluster get configmaps --all-namespaces --field-selector metadata.name=istio-ca-root-cert \
  --selector istio.io/config=true --ignore-not-found --output "$names" | new . | remove
in_cluster get configmaps,leases.coordination.k8s.io,secrets --namespace istio-system --ignore-not-found \
  --output "$names" |
  new '/istio-(leader|[a-z-]+-leader|[a-z-]+-election|gateway-(deployment|inferencepool).*|node-untaint|ip-autoallocate.*|ca-secret|ca-crl)$' |
  remove

istio_definitions | new . | sed 's#^.*/##' >"$workdir/istio"
remove_definitions "$(paste -sd' ' "$workdir/istio")"
remove_definitions "$DEFINITIONS"
