"""Data folders of new servers. Each product creates one per process, and tests copy it, because MySQL needs seconds."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.rehearsal.database_servers.products import SEARCH_PATH, Product


def install(product: Product, folder: Path) -> None:
    """Create `folder`/data, in which root needs no password.

    Raises RuntimeError with the output of the product's tool.
    """
    shutil.copytree(_make_template(product), folder / "data")
    (folder / "data/auto.cnf").unlink(missing_ok=True)  # it identifies one MySQL server


@cache
def _make_template(product: Product) -> Path:
    folder = Path(mkdtemp(prefix=f"{product.name}-data-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = product.install_command(folder, product.translate_folder(folder) / "data")
    environment = {**os.environ, "PATH": SEARCH_PATH}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{product.name} cannot create a data folder: {done.stderr[-1000:]}{done.stdout[-1000:]}")
    return folder / "data"
