# Starts the container $NAME with cloud-provider-kind ($IMAGE), which serves every kind cluster of this machine. It takes the place
# of one that version 0.1 has made for this stack ($FORMER_OWNER, the names of project and stack, where the state has one).
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}
case ${DOCKER_HOST:-} in
unix://*) socket=${DOCKER_HOST#unix://} ;;
*) socket=/var/run/docker.sock ;;
esac

fail() {
  printf 'load balancers: %s\n' "$1" >&2
  exit 1
}

there=$("$engine" inspect --format '{{index .Config.Labels "flatmesh.owner"}}' "$NAME" 2>/dev/null) || there=
case $there in
"") ;;
"$OWNER") "$engine" rm --force "$NAME" >/dev/null ;;
*) fail "a container $NAME exists that this stack has not made. Remove it: $engine rm --force $NAME" ;;
esac

if [ -n "${FORMER_OWNER-}" ]; then
  for former in $("$engine" ps --all --quiet --filter "label=flatmesh.owner=$FORMER_OWNER"); do
    "$engine" rm --force "$former" >/dev/null
  done
fi

# Gateways and Ingresses are none of its business here: it would install a Gateway API of its own.
"$engine" run --detach --name "$NAME" --label "flatmesh.owner=$OWNER" --restart unless-stopped --network "$network" \
  --volume "$socket:/var/run/docker.sock" "$IMAGE" --gateway-channel=disabled --enable-default-ingress=false >/dev/null ||
  fail "its container can't be started (see above). Where its image can't be pulled, name a copy of it (loadBalancer: {image: …}), or set loadBalancer: none and give the clusters another load balancer."
