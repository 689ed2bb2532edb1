"""The conversion of a disk, on a folder instead of a mounted disk; and the scripts that the launched machine runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.replication_engine import launched_machine
from rehearsal.replication_engine.conversion import SYSTEM, WANTED, Conversion, Pending

CONVERSION = Conversion(
    service="Example",
    agent_folder=Path("var/lib/agent"),
    agent_unit="example-agent.service",
    folder=Path("var/lib/conversion"),
    unit="example-conversion.service",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A disk with an agent that starts at boot."""
    (tmp_path / CONVERSION.agent_folder).mkdir(parents=True)
    (tmp_path / CONVERSION.agent_folder / "agent.json").write_text("{}")
    (tmp_path / WANTED).mkdir(parents=True)
    (tmp_path / SYSTEM / CONVERSION.agent_unit).write_text("[Unit]")
    (tmp_path / WANTED / CONVERSION.agent_unit).symlink_to(Path("..") / CONVERSION.agent_unit)
    return tmp_path


def executable(file: Path, text: str = "#!/bin/sh\n") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


def test_the_conversion_removes_the_agent_and_its_unit(root: Path) -> None:
    CONVERSION.remove_agent(root)

    assert not (root / CONVERSION.agent_folder).exists()
    assert list((root / SYSTEM).rglob("*agent*")) == []


def test_the_runner_is_enabled_and_only_root_can_read_its_token(root: Path) -> None:
    def pending(token: str) -> Pending:
        return Pending("http://127.0.0.1:4567/launched", token, ["/boot/post_launch"])

    CONVERSION.add_runner(root, pending("secret"))
    CONVERSION.add_runner(root, pending("newer"))  # the replica of a launched machine

    file = root / CONVERSION.folder / "pending.json"
    assert json.loads(file.read_text()) == {
        "report_url": "http://127.0.0.1:4567/launched",
        "token": "newer",
        "scripts": ["/boot/post_launch"],
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert (root / WANTED / CONVERSION.unit).read_text() == CONVERSION.unit_text
    assert f"ExecStart=/usr/bin/python3 /{CONVERSION.folder}/run.py" in CONVERSION.unit_text


def test_scripts_run_in_the_order_of_their_names_and_each_file_once(tmp_path: Path) -> None:
    first, later = tmp_path / "ce_conversion", tmp_path / "post_launch"
    executable(first / "20-b")
    executable(first / "10-a")
    (first / "README").write_text("not executable")
    later.mkdir()
    (later / "00-again").symlink_to(first / "10-a")
    executable(later / "30-c")

    found = launched_machine.list_executables((first, later))

    assert [file.name for file in found] == ["10-a", "20-b", "30-c"]


def test_a_machine_without_scripts_runs_none(tmp_path: Path) -> None:
    assert launched_machine.list_executables((tmp_path / "none",)) == []
