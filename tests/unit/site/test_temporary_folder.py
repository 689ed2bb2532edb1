"""A temporary folder is removed with its session, or by the next one when its process was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cutover_site.system import temporary_folder
from cutover_site.system.temporary_folder import TemporaryFolder

PREFIX = "session-"
KILLED = """
import os, signal, sys
from pathlib import Path
from cutover_site.system.temporary_folder import TemporaryFolder
folder = TemporaryFolder("session-", Path(sys.argv[1]))
(folder.path / "clone").mkdir()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_folder_is_removed_at_the_end(tmp_path: Path) -> None:
    folder = TemporaryFolder(PREFIX, tmp_path)
    (folder.path / "file").write_text("x")
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.close()
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_at_the_next_start(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(temporary_folder.__file__).parents[2])}
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], env=environment, check=False)
    (left,) = tmp_path.iterdir()

    folder = TemporaryFolder(PREFIX, tmp_path)

    assert not left.exists()
    assert list(tmp_path.iterdir()) == [folder.path]
    folder.close()


def test_the_folder_of_a_running_process_stays(tmp_path: Path) -> None:
    first = TemporaryFolder(PREFIX, tmp_path)
    (first.path / "file").write_text("x")
    second = TemporaryFolder(PREFIX, tmp_path)
    assert (first.path / "file").exists()
    first.close()
    second.close()


def test_what_is_not_a_folder_with_this_prefix_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "data").mkdir(parents=True)
    (tmp_path / "session-link").symlink_to(elsewhere)
    (tmp_path / "session-file").write_text("x")
    TemporaryFolder(PREFIX, tmp_path).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "session-file", "session-link"]
    assert (elsewhere / "data").is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_the_folder_of_another_user_stays(tmp_path: Path) -> None:
    (foreign := tmp_path / "session-foreign").mkdir()
    os.chown(foreign, 65534, 65534)
    TemporaryFolder(PREFIX, tmp_path).close()
    assert foreign.is_dir()
