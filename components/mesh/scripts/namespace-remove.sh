# Deletes the namespace $NAMESPACE, which the stack has made in the existing cluster $NAME, unless something of somebody else's is in
# it by then: it stays for them, without the stack's labels (their keys: $LABELS). The stack's own things are gone before.
set -eu

eval "$IN_CLUSTER"

reach
[ -n "$(in_cluster get namespace "$NAMESPACE" --ignore-not-found --output name)" ] || exit 0

# The namespace stays, for the reason $1.
stay() {
  for label in $LABELS; do
    in_cluster label namespace "$NAMESPACE" "$label-" >&2
  done
  echo "existing cluster $NAME: namespace $NAMESPACE stays, $1" >&2
  exit 0
}

# Kinds whose objects come by themselves are left out, and those that are no objects.
in_cluster api-resources --namespaced --verbs=list --output=name |
  only_resources |
    grep -vE '^(events(\.events\.k8s\.io)?|endpoints|endpointslices\.discovery\.k8s\.io|leases\.coordination\.k8s\.io|.*\.metrics\.k8s\.io)$' \
      >"$workdir/kinds"
in_cluster get --namespace "$NAMESPACE" --ignore-not-found \
  --output 'jsonpath={range .items[*]}{.metadata.deletionTimestamp}{.metadata.ownerReferences[*].name} {.kind}/{.metadata.name}{"\n"}{end}' \
  -- "$(paste -sd, "$workdir/kinds")" >"$workdir/things" || stay "since not all that is in it could be listed. Delete it if nobody needs it: kubectl delete namespace $NAMESPACE"

# What is on its way out, or goes with its owner, has a word before its kind. Kubernetes and OpenShift put some things into every
# namespace, and Helm and istiod leave some behind.
foreign=$(
  sed -n 's/^ //p' "$workdir/things" |
    grep -vE '^(ConfigMap/(kube-root-ca\.crt|openshift-service-ca\.crt|istio-ca-root-cert)|ServiceAccount/(default|builder|deployer)|Secret/(default|builder|deployer)-(token|dockercfg)-.*|RoleBinding/system:(deployers|image-builders|image-pullers))$' |
    grep -vE '^(ConfigMap|Secret)/(istio-(leader|[a-z-]+-leader|[a-z-]+-election|gateway-(deployment|inferencepool).*|node-untaint|ip-autoallocate.*|ca-secret|ca-crl)|sh\.helm\.release\.v1\.(istio-base|istiod|istio-cni|ztunnel|peering-remote)\..*)$' |
    grep -vE '^(ServiceEntry|WorkloadEntry)/autogen' | head -n 3 | cut -c -300 | tr -cd '\n -~' | paste -sd' ' -
)
[ -z "$foreign" ] || stay "since things of somebody else would go with it ($foreign)"

in_cluster delete namespace "$NAMESPACE" --ignore-not-found --timeout="${PATIENCE:-5m}" >&2 || {
  echo "existing cluster $NAME: namespace $NAMESPACE is still being deleted. See what holds it (kubectl get namespace $NAMESPACE --output yaml tells of finalizers that nobody removes), then repeat this." >&2
  exit 1
}
