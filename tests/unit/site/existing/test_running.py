"""A running program is known by its command line, a script by its own and not by its interpreter's."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.existing.host import Host
from cutover_site.existing.running import find_running
from cutover_site.gogs.existing.places import is_web_command


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("/home/git/gogs/gogs", "web"), ("/home/git/gogs/gogs", "web")),
        (("/usr/bin/python3", "-IS", "/home/git/gogs/gogs", "web"), ("/home/git/gogs/gogs", "web")),
        (("/bin/sh", "/opt/gogs/gogs.sh", "web"), ("/opt/gogs/gogs.sh", "web")),
        (("/bin/sh", "-c", "gogs web"), None),
        (("/usr/bin/python3.11", "-i"), None),
        (("/usr/bin/vi", "/home/git/gogs/gogs", "web"), None),
    ],
)
def test_a_script_has_its_own_command_line(
    tmp_path: Path, words: tuple[str, ...], found: tuple[str, ...] | None
) -> None:
    folder = tmp_path / "proc/41"
    folder.mkdir(parents=True)
    (folder / "cmdline").write_bytes(b"".join(word.encode() + b"\0" for word in words))

    processes = find_running(Host(tmp_path), is_web_command)

    assert [process.arguments for process in processes] == ([found] if found else [])
