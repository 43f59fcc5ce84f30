# Makes a kind node of a Debian system with kind's files in it, as the Dockerfile of kind's base image makes one.
set -euo pipefail
version=$(kubeadm version --output short)

# A Go module's files have neither the mode to be run nor to be written.
chmod -R u+w /kind /etc/containerd /etc/systemd /etc/default
chmod 755 /kind/bin/* /usr/local/bin/entrypoint

# kind's units and scripts expect these where upstream's archives have them.
for program in containerd ctr containerd-shim-runc-v2; do
  ln -s "/usr/bin/$program" "/usr/local/bin/$program"
done
mkdir -p /opt/cni/bin /etc/kubernetes/manifests
cp /usr/lib/cni/* /opt/cni/bin/
printf %s "$version" >/kind/version

# The pause image that the kubelet of this version asks for.
pause=$(kubeadm config images list --kubernetes-version "$version" | grep /pause:)
sed -i "s|sandbox_image = .*|sandbox_image = \"$pause\"|" /etc/containerd/config.toml
# What every container in the node begins with; without limits, which some machines can't give.
ctr oci spec | jq '.hooks.createContainer += [{path: "/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)' >/etc/containerd/cri-base.json

# Where the engine needs a runtime of its own, so do the nodes in it; and what may not raise an OOM score may not lower it.
if [ -f /kind/runtime ]; then
  mv /kind/runtime /usr/local/sbin/engine-runtime
  sed -i -e 's|^\( *\)SystemdCgroup = true|&\n\1BinaryName = "/usr/local/sbin/engine-runtime"|' \
    -e 's|restrict_oom_score_adj = false|restrict_oom_score_adj = true|' /etc/containerd/config.toml
fi

# systemd starts what a node needs, and nothing of the hardware that it isn't alone on.
units=/usr/lib/systemd/system
rm -f "$units"/sysinit.target.wants/systemd-tmpfiles-setup.service "$units"/{multi-user,local-fs,basic}.target.wants/* \
  "$units"/sockets.target.wants/*{udev,initctl}* /etc/systemd/system/*.wants/*
echo ReadKMsg=no >>/etc/systemd/journald.conf
ln -sf /usr/lib/systemd/systemd /sbin/init
systemctl enable kubelet containerd undo-mount-hacks pod-network
systemctl mask systemd-binfmt
