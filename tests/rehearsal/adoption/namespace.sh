#!/bin/sh
# Run a command in namespaces of its own: a network with loopback alone, and the machine's files under an overlay that vanishes with it.
# Arguments: an empty folder, then the command.
set -eu
place=$1
shift
mount -t tmpfs tmpfs "$place"
mkdir "$place/changed" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/changed,workdir=$place/work" "$place/root"
mount -t proc proc "$place/root/proc"
mount --rbind /dev "$place/root/dev"
mount -t tmpfs tmpfs "$place/root/run"
ip link set lo up
exec chroot "$place/root" "$@"
