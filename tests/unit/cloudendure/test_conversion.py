"""The conversion of a disk, on a folder instead of a mounted disk; and the scripts that the launched machine runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.cloudendure.launch import conversion, launched_machine
from rehearsal.cloudendure.launch.conversion import Pending


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A disk with an agent that starts at boot."""
    (tmp_path / conversion.AGENT_FOLDER).mkdir(parents=True)
    (tmp_path / conversion.AGENT_FOLDER / "agent.json").write_text("{}")
    units = tmp_path / conversion.SYSTEM / "multi-user.target.wants"
    units.mkdir(parents=True)
    (tmp_path / conversion.SYSTEM / conversion.AGENT_UNIT).write_text("[Unit]")
    (units / conversion.AGENT_UNIT).symlink_to(Path("..") / conversion.AGENT_UNIT)
    return tmp_path


def executable(file: Path, text: str = "#!/bin/sh\n") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


def test_the_conversion_removes_the_agent_and_its_unit(root: Path) -> None:
    conversion.remove_agent(root)

    assert not (root / conversion.AGENT_FOLDER).exists()
    assert list((root / conversion.SYSTEM).rglob("*agent*")) == []


def test_the_runner_is_enabled_and_only_root_can_read_its_token(root: Path) -> None:
    conversion.add_runner(root, Pending("http://127.0.0.1:4567", "secret"))
    conversion.add_runner(root, Pending("http://127.0.0.1:4567", "newer"))  # the replica of a launched machine

    pending = root / conversion.FOLDER / "pending.json"
    assert json.loads(pending.read_text()) == {"console": "http://127.0.0.1:4567", "token": "newer"}
    assert pending.stat().st_mode & 0o777 == 0o600
    assert (root / conversion.SYSTEM / "multi-user.target.wants" / conversion.UNIT).read_text() == conversion.UNIT_TEXT


def test_scripts_run_in_the_order_of_their_names_and_each_file_once(tmp_path: Path) -> None:
    first, later = tmp_path / "ce_conversion", tmp_path / "post_launch"
    executable(first / "20-b")
    executable(first / "10-a")
    (first / "README").write_text("not executable")
    later.mkdir()
    (later / "00-again").symlink_to(first / "10-a")
    executable(later / "30-c")

    found = launched_machine.executables((first, later))

    assert [file.name for file in found] == ["10-a", "20-b", "30-c"]


def test_a_machine_without_scripts_runs_none(tmp_path: Path) -> None:
    assert launched_machine.executables((tmp_path / "none",)) == []
