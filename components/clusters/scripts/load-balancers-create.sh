# Starts the container $NAME with cloud-provider-kind ($IMAGE), which serves every kind cluster of this machine. It takes the place
# of one that version 0.1 has made for this stack ($FORMER_OWNER, the names of project and stack, where the state has one).
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}
# The engine's own socket, at the path where the engine itself sees it.
case $("$engine" --version 2>/dev/null) in
podman*)
  socket=$("$engine" info --format '{{.Host.RemoteSocket.Path}}')
  socket=${socket#unix://}
  ;;
*)
  # Of the current context, or of DOCKER_HOST.
  host=$("$engine" context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || host=${DOCKER_HOST:-}
  case $host in
  unix://*) socket=${host#unix://} ;;
  *) socket=/var/run/docker.sock ;;
  esac
  # In a virtual machine (Colima, Docker Desktop, OrbStack) it is where it always is, whatever leads there from here.
  [ "$("$engine" info --format '{{.KernelVersion}}')" = "$(uname -r)" ] || socket=/var/run/docker.sock
  ;;
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

# Gateways and Ingresses are none of its business here: it would install a Gateway API of its own. Where SELinux confines
# containers, it may use the socket only without that.
"$engine" run --detach --name "$NAME" --label "flatmesh.owner=$OWNER" --label "flatmesh.image=$IMAGE" --restart unless-stopped --network "$network" \
  --security-opt label=disable --volume "$socket:/var/run/docker.sock" "$IMAGE" --gateway-channel=disabled --enable-default-ingress=false >/dev/null ||
  fail "its container can't be started (see above). Where its image can't be pulled, name a copy of it (loadBalancer: {image: …}), or set loadBalancer: none and give the clusters another load balancer."
