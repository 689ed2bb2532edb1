"""The first commands of a test's own mount namespace."""

DROP_LOOP_MOUNTS = (
    "cat /proc/mounts | while read -r device place _; do case $device in /dev/loop*) umount -l"
    ' "$place" || true;; esac; done'
)
"""One line for sh. A new mount namespace copies all mounts. Without this line it would keep the disks of a world in use
after the world has unmounted them.
"""
