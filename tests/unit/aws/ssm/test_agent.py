"""The agent of a hybrid node: its command line, what it keeps on the machine, and the credentials that it writes."""

from __future__ import annotations

import configparser
import importlib.util
import json
import os
import stat
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rehearsal.aws.ssm import agent_archive
from rehearsal.aws.ssm.nodes import REGISTRATION

GIVEN = {"accessKeyId": "ASIA1", "secretAccessKey": "secret%1", "sessionToken": "token="}


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The agent as a module, on a machine of which only a folder is touched."""
    agent_archive.write_agent_archive(tmp_path / "agent.tar.gz")
    with tarfile.open(tmp_path / "agent.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    program = tmp_path / agent_archive.PROGRAM
    assert program.stat().st_mode & 0o777 == 0o755
    assert f"ExecStart=/{agent_archive.PROGRAM}" in (tmp_path / agent_archive.UNIT).read_text()
    copy = tmp_path / "agent.py"
    copy.write_text(program.read_text())
    specification = importlib.util.spec_from_file_location("agent", copy)
    assert specification
    assert specification.loader
    made: Any = ModuleType("agent")
    specification.loader.exec_module(made)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    made.REGISTRATION = tmp_path / REGISTRATION
    made.KEY, made.CREDENTIALS = tmp_path / "ssm/Vault/Key", tmp_path / "root/.aws/credentials"
    made.find_endpoint = lambda service, region: f"http://{service}.{region}"
    made.find_own_address = lambda: "192.168.7.20"
    made.read_fingerprint = lambda: "own"
    made.sent = []

    def send(url: str, document: dict[str, Any]) -> dict[str, Any]:
        made.sent.append((url, document))
        if url.endswith("/register"):
            return {"instanceId": "mi-0123456789abcdef0", "key": "key", "region": "us-east-1"}
        return {"credentials": GIVEN, "heartbeatSeconds": 5}

    made.send = send
    return made


def run(agent: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["amazon-ssm-agent", *arguments])
    return int(agent.main())


def register(agent: Any, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    return run(agent, monkeypatch, "-register", "-code", "CODE", "-id", "ID", "-region", "us-east-1", *more)


def test_a_registration_is_kept_where_the_service_and_other_tools_look(
    agent: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert register(agent, monkeypatch) == 0
    ((url, sent),) = agent.sent
    assert url == "http://ssm.us-east-1/_rehearsal/ssm/register"
    assert (sent["activationId"], sent["activationCode"], sent["address"]) == ("ID", "CODE", "192.168.7.20")
    kept = json.loads(agent.REGISTRATION.read_text())
    assert kept == {"ManagedInstanceID": "mi-0123456789abcdef0", "Region": "us-east-1"}
    assert "Successfully registered" in capsys.readouterr().out
    assert "CODE" not in agent.REGISTRATION.read_text() + agent.KEY.read_text()


def test_a_registered_machine_is_registered_again_only_on_request(agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert register(agent, monkeypatch) == 0
    assert register(agent, monkeypatch) == 1
    assert register(agent, monkeypatch, "-y") == 0
    assert len(agent.sent) == 2
    assert run(agent, monkeypatch, "-register", "-clear") == 0
    assert not agent.REGISTRATION.exists()


def test_a_refused_registration_leaves_nothing(
    agent: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_url: str, _document: dict[str, Any]) -> dict[str, Any]:
        raise agent.Refused("ActivationExpired: The activation ID has expired")

    agent.send = refuse
    assert register(agent, monkeypatch) == 1
    assert "ActivationExpired" in capsys.readouterr().err
    assert not agent.REGISTRATION.exists()


def test_a_heartbeat_writes_the_credentials_for_root_alone_and_keeps_other_profiles(
    agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(agent, monkeypatch)
    agent.CREDENTIALS.parent.mkdir(parents=True)
    agent.CREDENTIALS.write_text("[backup]\naws_access_key_id = AKIAOWN\n")
    assert agent.send_heartbeat() == 5
    file = configparser.RawConfigParser()
    file.read(agent.CREDENTIALS)
    assert dict(file["default"]) == {
        "aws_access_key_id": "ASIA1",
        "aws_secret_access_key": "secret%1",
        "aws_session_token": "token=",
    }
    assert file["backup"]["aws_access_key_id"] == "AKIAOWN"
    assert stat.S_IMODE(agent.CREDENTIALS.stat().st_mode) == 0o600
    written = agent.CREDENTIALS.stat().st_ino
    agent.send_heartbeat()
    assert agent.CREDENTIALS.stat().st_ino == written, "the same credentials are not written again"


def test_a_registration_without_a_code_is_wrong_usage(agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit) as caught:
        run(agent, monkeypatch, "-register", "-id", "ID")
    assert caught.value.code == 2
