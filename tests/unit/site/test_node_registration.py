"""A replica of a hybrid node must be known to Systems Manager as an EC2 instance, and have no secret of the node."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cutover_site.aws.node_credentials import RUNTIME_CONFIGURATION
from cutover_site.errors import CommandFailed
from cutover_site.launch.node_registration import FILES, REGISTRATION, remove_node_registration
from cutover_site.layout import Layout
from cutover_site.system import systemd


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(systemd, "is_loaded", lambda unit: unit.startswith("amazon"))
    monkeypatch.setattr(systemd, "stop", lambda unit: done.append(f"stop {unit}"))
    monkeypatch.setattr(systemd, "start", lambda unit: done.append(f"start {unit}"))
    return done


def prepare(root: Path, share_file: str = "/root/.aws/credentials") -> Layout:
    for path in (*FILES, share_file.lstrip("/")):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("secret")
    state = {"InstanceId": "mi-0a1b2c3d4e5f60718", "ShareFile": share_file}
    (root / RUNTIME_CONFIGURATION).write_text(json.dumps(state))
    return Layout(root)


@pytest.mark.parametrize("share_file", ["/root/.aws/credentials", "/srv/agent/credentials"])
def test_the_registration_and_the_credentials_are_removed(tmp_path: Path, units: list[str], share_file: str) -> None:
    layout = prepare(tmp_path, share_file)
    held = tmp_path / "held"
    os.link(tmp_path / REGISTRATION, held)
    assert remove_node_registration(layout)
    assert not any((tmp_path / path).exists() for path in (*FILES, share_file.lstrip("/")))
    assert set(held.read_bytes()) == {0}
    assert units == ["stop amazon-ssm-agent.service", "start amazon-ssm-agent.service"]
    assert not remove_node_registration(layout)


def test_an_interrupted_removal_is_repeated(tmp_path: Path, units: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    layout = prepare(tmp_path)

    def fail(_path: Path) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr("cutover_site.launch.node_registration.erase", fail)
        with pytest.raises(OSError, match="disk"):
            remove_node_registration(layout)
    assert remove_node_registration(layout)
    assert units[-1] == "start amazon-ssm-agent.service"


def test_an_agent_that_does_not_stop_keeps_its_registration(
    tmp_path: Path, units: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_unit: str) -> None:
        raise CommandFailed("systemctl stop ended with 1")

    monkeypatch.setattr(systemd, "stop", fail)
    layout = prepare(tmp_path)
    with pytest.raises(CommandFailed):
        remove_node_registration(layout)
    assert (tmp_path / REGISTRATION).exists()
    assert units == []


def test_a_replica_of_an_instance_keeps_its_agent_as_it_is(tmp_path: Path, units: list[str]) -> None:
    (tmp_path / "root/.aws").mkdir(parents=True)
    (tmp_path / "root/.aws/credentials").write_text("of an administrator")
    assert not remove_node_registration(Layout(tmp_path))
    assert (tmp_path / "root/.aws/credentials").exists()
    assert units == []
