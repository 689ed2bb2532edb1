"""The installer of the agent of AWS MGN: how it runs, and what is reported when it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.provisioning.mgn_agent import agent, write

SERVER = "s-0123456789abcdefa"
CREDENTIALS = agent.Credentials("ASIAEXAMPLE", "secret/Key+1", "token==")


@pytest.fixture
def wanted(tmp_path: Path) -> Any:
    """An installation whose installer is a script. Its folder is empty but for that."""
    installer = write(tmp_path / "installer/aws-replication-installer-init", "#!/bin/sh\n")
    installer.chmod(0o700)
    return agent.Installation(installer, "us-east-1", "gogs", tmp_path, start_replication=False)


def set_script(wanted: Any, *lines: str) -> None:
    wanted.installer.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")


def test_the_installer_runs_with_temporary_credentials_and_the_servers_name(wanted: Any) -> None:
    set_script(wanted, 'printf "%s\\n" "$@" "$TMPDIR" > called', f'echo "The source server ID is {SERVER}."')

    assert agent.install(wanted, CREDENTIALS) == SERVER
    assert (wanted.installer.parent / "called").read_text().split("\n") == [
        "--region", "us-east-1", "--aws-access-key-id", "ASIAEXAMPLE", "--aws-secret-access-key", "secret/Key+1",
        "--aws-session-token", "token==", "--no-prompt", "--no-replication", "--user-provided-id", "gogs", str(wanted.temporary_folder), "",
    ]  # fmt: skip


def test_an_agent_that_is_installed_again_replicates_at_once(wanted: Any) -> None:
    set_script(wanted, 'printf "%s\\n" "$@" > called')
    agent.install(wanted._replace(start_replication=True), CREDENTIALS)
    assert "--no-replication" not in (wanted.installer.parent / "called").read_text()


def test_an_installer_that_names_no_server_gives_no_id(wanted: Any) -> None:
    set_script(wanted, "echo done")
    assert agent.install(wanted, CREDENTIALS) is None


def test_a_failure_has_the_end_of_the_installers_log_and_no_credential(wanted: Any) -> None:
    set_script(
        wanted,
        "seq 500 > aws_replication_agent_installer.log",
        'echo "called with $*" >> aws_replication_agent_installer.log',
        'echo "insmod: Operation not permitted" >> aws_replication_agent_installer.log',
        'echo "a hint that misleads"; exit 3',
    )
    with pytest.raises(agent.InstallationFailed) as caught:
        agent.install(wanted, CREDENTIALS)

    text = str(caught.value)
    assert text.startswith("the installer ended with 3. Its last lines: ")
    assert text.endswith("insmod: Operation not permitted")
    assert "called with --region us-east-1 --aws-access-key-id ***" in text
    assert [value for value in CREDENTIALS if value in text] == []
    assert len(text) < 800


def test_without_a_log_a_failure_has_the_end_of_the_output(wanted: Any) -> None:
    set_script(wanted, "echo You need root privileges; exit 1")
    with pytest.raises(agent.InstallationFailed, match=r"You need root privileges$"):
        agent.install(wanted, CREDENTIALS)


def test_an_installer_that_does_not_end_is_stopped(wanted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "INSTALLATION_SECONDS", 0.2)
    set_script(wanted, "exec sleep 30")
    with pytest.raises(agent.InstallationFailed, match=r"did not end within 0\.2 s") as caught:
        agent.install(wanted, CREDENTIALS)
    assert [value for value in CREDENTIALS if value in str(caught.value)] == []
    assert caught.value.__cause__ is None


def test_an_installer_that_cannot_start_is_named(wanted: Any) -> None:
    wanted.installer.unlink()
    with pytest.raises(
        agent.InstallationFailed, match="aws-replication-installer-init cannot be started: No such file"
    ):
        agent.install(wanted, CREDENTIALS)


@pytest.fixture
def without_instance_metadata(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    return monkeypatch


def test_a_machine_without_a_role_is_rejected(without_instance_metadata: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    with pytest.raises(agent.InstallationFailed, match="this machine has no role: give it an instance profile"):
        agent.read_credentials()


def test_a_long_lived_key_is_rejected(without_instance_metadata: pytest.MonkeyPatch) -> None:
    without_instance_metadata.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    without_instance_metadata.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(agent.InstallationFailed, match="long-lived access key"):
        agent.read_credentials()

    without_instance_metadata.setenv("AWS_SESSION_TOKEN", "token")
    assert agent.read_credentials() == ("AKIAEXAMPLE", "secret", "token")
