# Makes the container network that kind's nodes stand in, as kind would, if there is none yet. Its label tells that no
# person has made it: the last stack of this machine to leave it takes it away.
set -eu

engine=${KIND_EXPERIMENTAL_PROVIDER:-docker}
network=${KIND_EXPERIMENTAL_DOCKER_NETWORK:-kind}

exists() {
  "$engine" network inspect "$network" >/dev/null 2>&1
}
create() {
  # shellcheck disable=SC2086 # two words, or none
  "$engine" network create --driver bridge --label flatmesh=network $option "$@" "$network"
}

if exists; then
  exit 0
fi
case $("$engine" --version 2>/dev/null) in
# Takes the machine's own, and refuses Docker's option.
podman*) option= ;;
*)
  mtu=$("$engine" network inspect --format '{{index .Options "com.docker.network.driver.mtu"}}' bridge 2>/dev/null) || mtu=
  option="--opt com.docker.network.driver.mtu=${mtu:-1500}"
  ;;
esac
# kind's own subnet, so that its clusters of both address families find what they need; not every machine has IPv6.
create --ipv6 --subnet fc00:f853:ccd:e793::/64 >/dev/null 2>&1 || create >/dev/null || exists
