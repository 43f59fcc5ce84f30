# Puts the kubeconfig on standard input into the engineer's own as context, cluster and user $NAME, and prints a checksum of
# it, and in a second line whose kubeconfig it was: machine, user and files. The current context stays what it is.
set -eu

fail() {
  printf 'context %s: %s\n' "$NAME" "$1" >&2
  exit 1
}
command -v kubectl >/dev/null ||
  fail "the kubectl command is not on the PATH. Install it (https://kubernetes.io/docs/tasks/tools/), or set contexts: false."

umask 077
eval "$PRIVATE_WORKDIR"
cat >"$workdir/given"
read_given() {
  kubectl --kubeconfig "$workdir/given" config view --raw --minify --output "jsonpath={$1}"
}
file_of() {
  read_given "$1" | base64 -d >"$workdir/$2"
}
file_of '.clusters[0].cluster.certificate-authority-data' authority
file_of '.users[0].user.client-certificate-data' certificate
file_of '.users[0].user.client-key-data' key

kubectl config set-cluster --server "$(read_given '.clusters[0].cluster.server')" \
  --certificate-authority "$workdir/authority" --embed-certs -- "$NAME" >/dev/null
kubectl config set-credentials --client-certificate "$workdir/certificate" --client-key "$workdir/key" --embed-certs -- "$NAME" >/dev/null
kubectl config set-context --cluster "$NAME" --user "$NAME" -- "$NAME" >/dev/null
cksum <"$workdir/authority"
printf '%s %s %s\n' "$(uname -n)" "$(id -u)" "${KUBECONFIG:-$HOME/.kube/config}"
