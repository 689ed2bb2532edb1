"""The listing of changes from a program that has started before it is wanted."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from cutover_site.errors import CommandFailed
from cutover_site.files import changes, listing
from cutover_site.files.changes import ClockWasSet, Moment

PROGRAM = Path(__file__).parents[3] / "assets/ansible/roles/migration_scripts/files/cutover-delta"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "site/data/avatars").mkdir(parents=True)
    return tmp_path / "site"


@pytest.fixture
def source(root: Path, tmp_path: Path) -> listing.Source:
    """Return a source whose permitted program runs here. `requests` in the temporary folder has each request that it got."""
    program, shell = tmp_path / "cutover-delta", tmp_path / "shell"
    program.write_text(PROGRAM.read_text().replace("/opt/cutover/lib", str(Path(changes.__file__).parents[2])))
    shell.write_text(
        f'#!/bin/sh\nshift\necho "$1" >> {tmp_path}/requests\nSSH_ORIGINAL_COMMAND="$*" exec sh {program} {root}\n'
    )
    shell.chmod(0o755)
    return listing.Source(str(shell), "git@source")


def list_requests(tmp_path: Path) -> list[str]:
    """Return the first word of each request that the program got."""
    return [line.split()[0] for line in (tmp_path / "requests").read_text().splitlines()]


def wait_for_requests(tmp_path: Path) -> None:
    """Wait until the program has got a request."""
    deadline = time.monotonic() + 10
    while not (tmp_path / "requests").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_change_before_the_request_is_listed(source: listing.Source, root: Path, tmp_path: Path) -> None:
    with listing.prepare_listing(source, Moment.read_before_now()) as prepared:
        wait_for_requests(tmp_path)
        (root / "data/avatars/7").write_text("new")
        assert "data/avatars/7" in changes.parse_listing(prepared.request()).files
    assert list_requests(tmp_path) == ["changes-on-request"]


def test_nothing_is_listed_without_a_request(source: listing.Source) -> None:
    command = source.build_command(f"changes-on-request {Moment.read_before_now()}")
    for text in (b"", b"lis"):
        done = subprocess.run(command, input=text, capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"before the listing was requested" in done.stderr


def test_a_program_that_has_ended_is_started_again(source: listing.Source, root: Path, tmp_path: Path) -> None:
    with listing.prepare_listing(source, Moment.read_before_now()) as prepared:
        prepared.program.kill()
        prepared.program.wait()
        (root / "data/avatars/7").write_text("new")
        assert "data/avatars/7" in changes.parse_listing(prepared.request()).files
    assert list_requests(tmp_path)[-1] == "changes"


def test_the_clock_is_checked_at_the_request(source: listing.Source) -> None:
    with (
        listing.prepare_listing(source, Moment(since=5.0, booted=5.0)) as prepared,
        pytest.raises(ClockWasSet),
    ):
        prepared.request()


def test_a_source_that_cannot_list_is_an_error(source: listing.Source, root: Path) -> None:
    with listing.prepare_listing(source, Moment.read_before_now()) as prepared:
        shutil.rmtree(root)
        with pytest.raises(CommandFailed):
            prepared.request()


def test_the_program_ends_with_the_block(source: listing.Source) -> None:
    with listing.prepare_listing(source, Moment.read_before_now()) as prepared:
        pass
    assert prepared.program.returncode is not None
