# Gives the kwok cluster $NAME the Stages on standard input, which play the mesh's controllers.
set -eu

kubectl() {
  kwokctl --name "$NAME" kubectl "$@"
}

# kwok asks once which kinds there are: a Stage that comes before its kind is published never acts.
tries=300
until kubectl get --raw /openapi/v3/apis/gateway.networking.k8s.io/v1 2>/dev/null | grep -q '"kind":"Gateway"'; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    echo "kwok cluster $NAME: its API server does not publish the kind Gateway of gateway.networking.k8s.io/v1. Are the Gateway API's definitions installed?" >&2
    exit 1
  fi
  sleep 0.1
done
kubectl apply --server-side --filename - >/dev/null
