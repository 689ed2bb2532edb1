"""The stock system: what a cloud image holds before anybody logs in, as a tar file made by mmdebstrap."""

from __future__ import annotations

from pathlib import Path

from rehearsal.world.cache import Report, compute_digest, make_once
from rehearsal.world.shell import run

SUITE = "bookworm"
CLOUD_INIT = (
    "python3-configobj",
    "python3-jinja2",
    "python3-jsonpatch",
    "python3-jsonschema",
    "python3-oauthlib",
    "python3-requests",
    "python3-serial",
    "python3-yaml",
)
"""What the package cloud-init depends on. The package itself is left out, because the overlay has a small replacement."""
SERVER = ("git", "gnupg", "openssh-client", "perl", "python3-apt", "rsync", "xz-utils")
"""What an Ubuntu server has besides, as far as the playbooks would install it."""
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "udev",
    "python3",
    "curl",
    "ca-certificates",
    "iproute2",
    "openssh-server",
    "sudo",
    "procps",
    "netbase",
    "tzdata",
    "less",
    *CLOUD_INIT,
    *SERVER,
)
_REVISION = "1"  # a higher number makes every cache build its images again
_TIMEOUT = 1200.0


def make_rootfs(cache: Path, report: Report) -> Path:
    """Return <cache>/rootfs-<hash>.tar. The first call takes about half a minute."""
    name = f"rootfs-{compute_digest(_REVISION, SUITE, *PACKAGES)}.tar"

    def make(half: Path) -> None:
        run(
            "mmdebstrap",
            "--variant=minbase",
            "--format=tar",
            f"--include={','.join(PACKAGES)}",
            SUITE,
            half,
            timeout=_TIMEOUT,
        )

    return make_once(cache, name, make, starting=lambda: report("machine image: stock Debian 12 (once, about 30 s)"))
