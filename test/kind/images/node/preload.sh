#!/bin/bash
# Takes the images of the archive $1 into the node's containerd, each under the name that kubeadm has for it:
# flatmesh.test/kubelet:… as registry.k8s.io/kubelet:….
set -euo pipefail

containerd &
until ctr version >/dev/null 2>&1; do
  kill -0 $! # ends here if containerd has ended
  sleep 0.2
done
images() {
  ctr --namespace k8s.io images "$@"
}
images import --no-unpack "$1" >/dev/null
for wanted in $(kubeadm config images list --kubernetes-version "$(cat /kind/version)"); do
  name=${wanted##*/}
  loaded=$(images list --quiet | grep "^flatmesh.test/${name%%:*}:")
  images tag "$loaded" "$wanted"
  images remove "$loaded"
done
kill %1
wait
