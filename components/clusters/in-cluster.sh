# For scripts that look at the existing cluster $NAME: in_cluster is its kubectl, $workdir a folder for the script's lifetime, and
# $names has kubectl print lines "<Kind> <namespace>/<name>". reach ends a script that removes something where nothing answers.
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
# The definitions of Istio's base chart, as such lines: of others there may be thousands.
istio_definitions() {
  in_cluster get customresourcedefinitions --output 'jsonpath={range .items[*]}{.kind} /{.metadata.name} {.metadata.annotations.meta\.helm\.sh/release-name} {.metadata.annotations.meta\.helm\.sh/release-namespace}{"\n"}{end}' \
    >"$workdir/definitions"
  sed -n 's/ istio-base istio-system$//p' "$workdir/definitions"
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
  echo "existing cluster $NAME: it can't be reached. Run this again when it can; if it is gone for good, see 'A cluster is gone' in the README." >&2
  exit 1
}
