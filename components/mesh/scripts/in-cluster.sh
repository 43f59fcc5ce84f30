# For scripts that look at the existing cluster $NAME: in_cluster is its kubectl, $workdir a folder for the script's lifetime, and
# $names has kubectl print lines "<Kind> <namespace>/<name>". reach ends a script that removes something where nothing answers.
# What a cluster says is never an option nor anything but a name: it passes one of the filters below, and stands behind "--".
command -v kubectl >/dev/null || {
  echo "existing cluster $NAME: the kubectl command is not on the PATH. Install it (https://kubernetes.io/docs/tasks/tools/), and repeat this: it sees what is there, and removes in the end what Helm and istiod leave behind." >&2
  exit 1
}
eval "$PRIVATE_WORKDIR"
# Without a text it is the kubeconfig of whoever runs this, which no state has.
kubeconfig=
if [ -n "${KUBECONFIG_TEXT-}" ]; then
  kubeconfig=$workdir/kubeconfig
  (umask 077 && printf '%s' "$KUBECONFIG_TEXT" >"$kubeconfig")
fi
# kubectl's plugins for credentials need not have it as well.
unset KUBECONFIG_TEXT
# What it says of errors may be the cluster's words: nothing of it rules a terminal, nor Pulumi's console, for which "<{%" begins a colour.
in_cluster() {
  status=0
  kubectl ${kubeconfig:+--kubeconfig "$kubeconfig"} --context "$CONTEXT" --cache-dir "$workdir/cache" "$@" 2>"$workdir/errors" || status=$?
  head -c 4000 "$workdir/errors" | tr -cd '\n -~' | sed 's/<{%/< {%/g' >&2
  return "$status"
}
names='jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{"\n"}{end}'
# Lines "<Kind> <namespace>/<name>" whose words are such as Kubernetes lets them be.
only_names() {
  grep -xE '[A-Za-z][A-Za-z0-9]{0,62} ([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?' || true
}
# Names of resources as kubectl and definitions have them, such as "gatewayclasses.gateway.networking.k8s.io".
only_resources() {
  grep -xE '[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?' || true
}
# The definitions of Istio's base chart, as such lines: of others there may be thousands.
istio_definitions() {
  in_cluster get --output 'jsonpath={range .items[*]}{.kind} /{.metadata.name} {.metadata.annotations.meta\.helm\.sh/release-name} {.metadata.annotations.meta\.helm\.sh/release-namespace}{"\n"}{end}' \
    -- customresourcedefinitions >"$workdir/definitions"
  sed -n 's/ istio-base istio-system$//p' "$workdir/definitions" | only_names
}
# Goes on where the API server answers. Elsewhere it ends the script: with success where the engineer has said that what can't be
# reached is to be forgotten, by the variable that the kubernetes provider follows as well.
reach() {
  in_cluster get --raw /readyz --request-timeout=30s >/dev/null 2>"$workdir/unreachable" && return 0
  if [ "${PULUMI_K8S_DELETE_UNREACHABLE-}" = true ] && ! grep -q '^Error from server' "$workdir/unreachable"; then
    echo "existing cluster $NAME: it can't be reached, so what is in it is only forgotten (PULUMI_K8S_DELETE_UNREACHABLE)." >&2
    exit 0
  fi
  cat "$workdir/unreachable" >&2
  echo "existing cluster $NAME: it can't be reached. Run this again when it can; if it is gone for good, see docs/day-2.md#a-cluster-is-gone." >&2
  exit 1
}
