"""A temporary folder that does not survive its process: if the process is killed, the next one removes the folder."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path


class TemporaryFolder:
    """A folder that its process has locked. The kernel releases the lock when the process ends, however it ends."""

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        """Create a folder whose name begins with `prefix`, and remove those of ended processes with this prefix.

        `parent` is by default the system's folder of temporary files.
        """
        self._prefix, self._parent = prefix, parent or Path(tempfile.gettempdir())
        self._remove_abandoned()
        self.path, self._descriptor = self._create()

    def close(self) -> None:
        """Remove the folder. It is safe to repeat."""
        if self._descriptor >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._descriptor)
            self._descriptor = -1

    def _create(self) -> tuple[Path, int]:
        while True:
            path = Path(tempfile.mkdtemp(prefix=self._prefix, dir=self._parent))
            descriptor = _open_folder(path)
            if descriptor is None:
                continue  # another process found the folder before it had a lock, and removed it
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if path.exists():  # the other process may have had the lock first
                return path, descriptor
            os.close(descriptor)

    def _remove_abandoned(self) -> None:
        for path in self._parent.glob(f"{self._prefix}*"):
            descriptor = _open_folder(path)
            if descriptor is None:
                continue
            try:
                # Every user may write to the folder of temporary files. A folder of another user stays.
                if os.fstat(descriptor).st_uid == os.geteuid():
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
            except OSError:
                continue  # its process runs and has the lock
            finally:
                os.close(descriptor)


def _open_folder(path: Path) -> int | None:
    """Return a descriptor of the folder. None: it is gone, is not readable, or is not a folder but a link to one."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
