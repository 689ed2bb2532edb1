"""Unpack the code of a Lambda package once for all functions that have it.

ministack 1.5.33 unpacks the archive for each process. A migration has some twenty functions with four packages of 600 files, so
this took a large part of each cold start. On AWS a function cannot write to its code either.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]

_unpacking = threading.Lock()


class SharedArchive(zipfile.ZipFile):
    """An archive that is unpacked into a folder for its digest. Each place that asks for it is a link to this folder."""

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Make the empty folder `path` a link to the folder with the content."""
        assert path is not None
        assert self.filename is not None
        with Path(self.filename).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        shared = Path(tempfile.gettempdir()) / f"function-code-{digest}"
        with _unpacking:
            if not shared.exists():
                half = tempfile.mkdtemp(prefix="function-code-")
                super().extractall(half, members, pwd)
                Path(half).rename(shared)
        Path(path).rmdir()
        Path(path).symlink_to(shared, target_is_directory=True)


def share_code(runtime: Any = lambda_runtime) -> None:
    """Make ministack unpack each archive of functions once."""
    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": SharedArchive})
