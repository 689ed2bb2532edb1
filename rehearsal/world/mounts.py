"""A folder whose mounts disappear everywhere when they are unmounted here.

`ip netns exec` gives its process a copy of all mounts. On hosts whose root file system is not shared, a long-lived one
(a balancer, also another world's) would otherwise hold every disk that was mounted when it started.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rehearsal.world.shell import run


@contextmanager
def share_mounts(folder: Path) -> Iterator[None]:
    """Make mounts below `folder` propagate to its copies in other mount namespaces."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.path.ismount(folder):
        run("mount", "--bind", folder, folder)
        run("mount", "--make-private", folder)
        run("mount", "--make-shared", folder)
    try:
        yield
    finally:
        run("umount", "--lazy", folder)  # somebody's current folder may be there; nothing is mounted below any more
