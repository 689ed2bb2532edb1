"""A stand-in for the package of the running kernel's headers, in its form and without its content.

Machines share the host's kernel, for which no mirror needs to have a package. Agents of replication services ask for the
headers of exactly the kernel that runs. Nothing compiles a module here: a machine could not load it.
"""

from __future__ import annotations

import os
from pathlib import Path

from rehearsal.world.own_packages import build_package

_MAKEFILE = """# The headers of the rehearsal's kernel are not here: no module can be compiled, or loaded, in a machine of a rehearsal.
modules:
\t@echo "a machine of a rehearsal has no headers of its kernel" >&2; exit 1
"""


def read_kernel_release() -> str:
    """Return the release of the kernel that every machine runs on."""
    return os.uname().release


def build_kernel_headers(scratch: Path, pool: Path, release: str) -> None:
    """Write linux-headers-<release> into `pool`: the folder in /usr/src, and the link to it that `uname -r` leads to."""
    headers = Path("usr/src") / f"linux-headers-{release}"
    modules = scratch / "usr/lib/modules" / release
    (scratch / headers).mkdir(parents=True)
    (scratch / headers / "Makefile").write_text(_MAKEFILE)
    modules.mkdir(parents=True)
    (modules / "build").symlink_to(Path("/") / headers)
    build_package(
        scratch,
        pool,
        name=f"linux-headers-{release}",
        version="1+rehearsal1",
        depends="make, gcc",
        description=f"stand-in for the headers of the kernel {release}",
    )
