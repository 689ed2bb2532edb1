"""The agent's installer: where it is downloaded, what it checks, how it registers, and what the agent does afterwards."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import json
import os
import sys
from pathlib import Path
from secrets import token_hex
from types import ModuleType
from typing import Any

import pytest
import requests

from rehearsal.aws.clients import Clients
from rehearsal.aws.mgn.downloads import INSTALLER, KEY
from rehearsal.replication_engine.installers import build_installer
from rehearsal.settings import REGION, Settings
from tests.roles import role_for
from tests.unit.aws.mgn.source_servers import Register, Server
from tests.waiting import wait_until


@pytest.fixture
def installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The installer as a module, on a machine of which only a folder is touched."""
    downloaded = tmp_path / "installer.py"
    downloaded.write_text(build_installer(INSTALLER))
    specification = importlib.util.spec_from_file_location("installer", downloaded)
    assert specification
    assert specification.loader
    made: Any = ModuleType("installer")
    made.__file__ = str(downloaded)
    specification.loader.exec_module(made)
    metadata = {"/meta-data/instance-id": "i-0123456789abcdef0", "/meta-data/mac": f"02:00:00:00:00:{token_hex(1)}"}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    made.called = []
    made.FOLDER, made.UNIT = tmp_path / "agent", tmp_path / "aws-replication.service"
    made.OTHER_AGENTS = (tmp_path / "cloudendure",)
    made.MODULES = tmp_path / "modules"
    made.read_metadata = lambda path: metadata.get(path, "10.10.1.5")
    made.run_systemctl = lambda *words: made.called.append(words)
    return made


def run(installer: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["aws-replication-installer-init", *arguments])
    return int(installer.main())


@pytest.fixture
def keys(mgn: Any, aws: Clients, settings: Settings) -> list[str]:
    """The arguments with temporary credentials of the installation policy."""
    assert mgn
    name = f"installer-{token_hex(4)}"
    role = role_for(aws, name)
    policy = "arn:aws:iam::aws:policy/AWSApplicationMigrationAgentInstallationPolicy"
    aws("iam").attach_role_policy(RoleName=name, PolicyArn=policy)
    given = aws("sts").assume_role(RoleArn=role, RoleSessionName="installer")["Credentials"]
    flags = ("--aws-access-key-id", "--aws-secret-access-key", "--aws-session-token")
    values = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    words = [word for pair in zip(flags, values, strict=True) for word in pair]
    return ["--region", REGION, "--endpoint", settings.aws_url, "--no-prompt", *words]


def test_everybody_can_download_the_installer_and_its_hash(mgn: Any, settings: Settings) -> None:
    assert mgn
    bucket = f"aws-application-migration-service-{REGION}"
    file = requests.get(f"{settings.aws_url}/{bucket}/{KEY}", timeout=20)
    hashes = requests.get(
        f"{settings.aws_url}/aws-application-migration-service-hashes-{REGION}/{KEY}.sha512", timeout=20
    )
    assert (file.status_code, hashes.status_code) == (200, 200)
    assert file.content == build_installer(INSTALLER).encode()
    assert hashes.text.split()[0] == hashlib.sha512(file.content).hexdigest()


def test_the_buckets_exist_before_the_service_is_initialized(
    downloads_before_initialization: dict[str, bytes],
) -> None:
    installer, digest = downloads_before_initialization.values()
    assert installer == build_installer(INSTALLER).encode()
    assert digest.decode() == hashlib.sha512(installer).hexdigest()


def test_it_registers_with_temporary_credentials_and_keeps_none_of_them(
    installer: Any, keys: list[str], aws: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(installer, monkeypatch, *keys, "--tags", "Name=git", "wave=1", "--user-provided-id", "site-1") == 0
    printed = capsys.readouterr().out
    record = json.loads((installer.FOLDER / "agent.json").read_text())
    assert f"The following is the source server ID: {record['sourceServerID']}." in printed
    (server,) = aws("mgn").describe_source_servers(filters={"sourceServerIDs": [record["sourceServerID"]]})["items"]
    assert (server["tags"], server["userProvidedID"]) == ({"Name": "git", "wave": "1"}, "site-1")
    assert server["sourceProperties"]["identificationHints"]["awsInstanceID"] == "i-0123456789abcdef0"
    assert server["sourceProperties"]["networkInterfaces"][0]["macAddress"].startswith("02-00-00-00-00-")
    assert (installer.FOLDER / "agent.json").stat().st_mode & 0o777 == 0o600
    assert ("restart", "aws-replication.service") in installer.called
    kept = "".join(path.read_text() for path in (*installer.FOLDER.iterdir(), Path(installer.LOG)))
    secrets = [word for flag, word in itertools.pairwise(keys) if flag.startswith("--aws-")]
    assert [secret for secret in secrets if secret in kept + printed] == []


def test_it_is_the_same_server_after_a_second_installation(
    installer: Any, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(installer, monkeypatch, *keys)
    first = json.loads((installer.FOLDER / "agent.json").read_text())["sourceServerID"]
    run(installer, monkeypatch, *keys)
    assert json.loads((installer.FOLDER / "agent.json").read_text())["sourceServerID"] == first


def test_it_refuses_beside_the_agent_of_cloudendure(
    installer: Any, keys: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installer.OTHER_AGENTS[0].mkdir()
    installer.MODULES.write_text("CE_AgentDriver 16384 0 - Live 0x0\n")
    assert run(installer, monkeypatch, *keys) == 1
    assert "Another replication agent is installed" in capsys.readouterr().out
    assert "kernel module CE_AgentDriver" in Path(installer.LOG).read_text()
    assert not installer.FOLDER.exists()


def test_credentials_without_the_permission_are_refused_by_their_code(
    installer: Any,
    settings: Settings,
    aws: Clients,
    mgn: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert mgn
    role = role_for(aws, f"poor-{token_hex(4)}")
    given = aws("sts").assume_role(RoleArn=role, RoleSessionName="installer")["Credentials"]
    words = ["--region", REGION, "--endpoint", settings.aws_url, "--no-prompt"]
    words += ["--aws-access-key-id", given["AccessKeyId"], "--aws-secret-access-key", given["SecretAccessKey"]]
    assert run(installer, monkeypatch, *words) == 1
    assert "AWS Session Token is missing" in capsys.readouterr().out
    assert run(installer, monkeypatch, *words, "--aws-session-token", given["SessionToken"]) == 1
    assert "AccessDeniedException: User: arn:aws:sts::" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--no-prompt"], ["--region", REGION, "--tags", "Name"]])
def test_wrong_arguments_are_refused(
    installer: Any, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(installer, monkeypatch, *arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_disk_that_is_not_there_is_refused(
    installer: Any, keys: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(installer, monkeypatch, *keys, "--devices", "/dev/sdz") == 1
    assert "there is no disk /dev/sdz" in capsys.readouterr().out


def test_the_agent_uninstalls_itself_on_the_command_of_the_service(
    installer: Any, keys: list[str], aws: Clients, settings: Settings, subnet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(installer, monkeypatch, *keys)
    record = json.loads((installer.FOLDER / "agent.json").read_text())
    server = Server(record["sourceServerID"], record["agentKey"], aws, settings.aws_url)
    wait_until(lambda: server.state == "READY_FOR_TEST")
    server.cut_over(subnet)
    server.mgn.finalize_cutover(sourceServerID=server.id)
    assert run(installer, monkeypatch, "--run") == 0
    assert not installer.FOLDER.exists()
    assert not installer.UNIT.exists()


def test_a_copy_of_the_disk_sends_nothing(
    installer: Any, keys: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(installer, monkeypatch, *keys)
    installer.read_metadata = lambda _: "i-0fedcba9876543210"
    assert run(installer, monkeypatch, "--run") == 0
    assert "This is a copy of the disk of i-0123456789abcdef0" in capsys.readouterr().out


def test_the_default_endpoint_is_that_of_the_region(installer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "")
    assert installer.find_endpoint("mgn", "eu-west-1", "") == "https://mgn.eu-west-1.amazonaws.com"
    assert installer.find_endpoint("mgn", "eu-west-1", "vpce-1.example") == "https://vpce-1.example"
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: 'LANG=C\nAWS_ENDPOINT_URL="http://127.0.0.1:4566"\n')
    assert installer.find_endpoint("mgn", "eu-west-1", "") == "http://127.0.0.1:4566"


def test_a_launched_instance_reports_with_its_own_token(register: Register, subnet: str) -> None:
    server = register()
    server.place(subnet)
    server.launch()
    assert server.describe()["launchedInstance"]["firstBoot"] == "WAITING"
    url = f"{server.url}/_rehearsal/mgn/launched"
    refused = requests.post(url, json={"event": "booted"}, headers={"Authorization": "Bearer other"}, timeout=20)
    assert refused.status_code == 401
    assert server.describe()["launchedInstance"]["firstBoot"] == "WAITING"
