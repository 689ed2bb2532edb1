"""The digest of a site's files, compared with `find | xargs sha256sum` of the same tree, which covers only content."""

from __future__ import annotations

import random
import subprocess
import tempfile
from pathlib import Path

from applications.gogs.profile import PROFILE
from cutover_site.files import digest

from tests.bench.rounds import Comparison, run_in_turns, time_work

REPOSITORIES = 60
LOOSE, SMALL = 120, 400
"""the number of loose objects of a repository, and the size of the smallest in bytes"""
PACK = 3 << 20
OBJECTS = 40
OBJECT = 4 << 20
ROUNDS = 7


def run_benchmark() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        size = _create_site(root)
        shell = ["sh", "-c", f"find {root} -type f -print0 | xargs -0 -P 8 -n 200 sha256sum"]

        def time_ours() -> float:
            return time_work(lambda: digest.digest_files(PROFILE.files, root))

        def time_theirs() -> float:
            return time_work(lambda: subprocess.run(shell, check=True, stdout=subprocess.DEVNULL))

        time_ours()
        time_theirs()  # now the page cache has the tree for both sides
        comparison = Comparison(
            "files of a site, cached",
            "digest.digest_files",
            "find | xargs -P 8 sha256sum",
            work=size / 2**20,
            unit="MB",
        )
        return [run_in_turns(comparison, time_ours, time_theirs, ROUNDS)]


def _create_site(root: Path) -> int:
    """Create repositories with loose objects and a pack, and LFS objects. Return their size in bytes."""
    source, size = random.Random(1), 0
    for number in range(REPOSITORIES):
        repository = root / f"repositories/owner-{number % 7}/app-{number}.git"
        for one in range(LOOSE):
            name = f"{source.getrandbits(160):040x}"
            size += _write(repository / "objects" / name[:2] / name[2:], source.randbytes(SMALL + one))
        size += _write(repository / "objects/pack/pack-1.pack", source.randbytes(PACK))
        size += _write(repository / "HEAD", b"ref: refs/heads/master\n")
    for _ in range(OBJECTS):
        name = f"{source.getrandbits(256):064x}"
        size += _write(root / "data/lfs-objects" / name[0] / name[1] / name, source.randbytes(OBJECT))
    return size


def _write(path: Path, content: bytes) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(content)
