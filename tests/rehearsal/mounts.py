"""What a mount namespace of a test's own begins with."""

DROP_LOOP_MOUNTS = (
    "cat /proc/mounts | while read -r device place _; do case $device in /dev/loop*) umount -l"
    ' "$place" || true;; esac; done'
)
"""A line of sh. A new mount namespace is a copy of all mounts, and would keep the disks of a world in use after the
world has unmounted them.
"""
