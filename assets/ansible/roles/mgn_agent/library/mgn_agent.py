#!/usr/bin/python3
"""Install the replication agent of AWS MGN with the temporary credentials of this machine's role.

The module reads the credentials itself, so that neither a variable nor an output of Ansible has them. The installer accepts them as
arguments only (https://docs.aws.amazon.com/mgn/latest/ug/linux-agent.html). It uses them to register the server. After that the agent has a
certificate.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

DOCUMENTATION = """
module: mgn_agent
short_description: install the replication agent of AWS MGN with the credentials of this machine's role
options:
  installer: {type: str, required: true, description: path of the verified installer}
  region: {type: str, required: true, description: region into which MGN replicates}
  user_provided_id: {type: str, default: "", description: name that MGN gives to the source server; empty for none}
  temporary_folder: {type: str, default: /tmp, description: where the installer unpacks itself}
  start_replication: {type: bool, default: false, description: whether MGN replicates the server at once}
  record: {type: str, required: true, description: file that records that the agent is installed}
"""

INSTALLER_LOG = "aws_replication_agent_installer.log"
TAIL_CHARACTERS = 600
"""CloudFormation shows about a thousand characters of a failed machine's reason"""
INSTALLATION_SECONDS = 1800
SERVER_ID = re.compile(r"\bs-[0-9a-zA-Z]{17}\b")


class InstallationFailed(Exception):
    """The agent is not installed. The message has no credential."""


class Credentials(NamedTuple):
    """Temporary credentials of a role."""

    access_key: str
    secret_key: str
    token: str

    def redact(self, text: str) -> str:
        """Return the text without these values."""
        for value in self:
            text = text.replace(value, "***")
        return text


class Installation(NamedTuple):
    """How the installer is called."""

    installer: Path
    region: str
    user_provided_id: str
    temporary_folder: Path
    start_replication: bool


def read_credentials() -> Credentials:
    """Return the credentials of the machine's role. Raises InstallationFailed for none, and for a long-lived key."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        found = boto3.session.Session().get_credentials()
        frozen = found.get_frozen_credentials() if found is not None else None
    except BotoCoreError as error:
        raise InstallationFailed(f"the credentials of this machine's role cannot be read: {error}") from error
    if frozen is None:
        raise InstallationFailed(
            "this machine has no role: give it an instance profile whose role may install the agent"
        )
    if not frozen.token:
        raise InstallationFailed(
            "this machine has a long-lived access key in its configuration: remove it; the agent is installed with the role"
        )
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def install(wanted: Installation, credentials: Credentials) -> str | None:
    """Run the installer. Return the id of the source server that it prints, None if it prints none.

    Raises InstallationFailed with the end of the installer's log.
    """
    command = [
        str(wanted.installer),
        "--region", wanted.region,
        "--aws-access-key-id", credentials.access_key,
        "--aws-secret-access-key", credentials.secret_key,
        "--aws-session-token", credentials.token,
        "--no-prompt",
    ]  # fmt: skip
    if not wanted.start_replication:
        command.append("--no-replication")
    if wanted.user_provided_id:
        command += ["--user-provided-id", wanted.user_provided_id]
    folder = wanted.installer.parent
    try:
        done = subprocess.run(
            command,
            cwd=str(folder),
            env={**os.environ, "TMPDIR": str(wanted.temporary_folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=INSTALLATION_SECONDS,
            check=False,
        )
    except OSError as error:
        raise InstallationFailed(f"{wanted.installer} cannot be started: {error.strerror}") from error
    except subprocess.TimeoutExpired:  # its text has the arguments
        tail = read_tail(folder, "", credentials)
        raise InstallationFailed(
            f"the installer did not end within {INSTALLATION_SECONDS} s. Its last lines: {tail}"
        ) from None
    output = done.stdout.decode(errors="replace")
    if done.returncode:
        tail = read_tail(folder, output, credentials)
        raise InstallationFailed(f"the installer ended with {done.returncode}. Its last lines: {tail}")
    match = SERVER_ID.search(output)
    return match[0] if match else None


def read_tail(folder: Path, output: str, credentials: Credentials) -> str:
    """Return the end of the installer's log, which has more than its output, without the credentials. Without a log, return that of the output."""
    places = (folder, Path.home(), Path("/var/lib/aws-replication-agent"))
    logs = [place / INSTALLER_LOG for place in places if (place / INSTALLER_LOG).is_file()]
    text = logs[0].read_text(encoding="utf-8", errors="replace") if logs else ""
    lines = [line.strip() for line in credentials.redact(text or output).splitlines() if line.strip()]
    return " | ".join(lines)[-TAIL_CHARACTERS:] or "none"


def main() -> None:
    """Run the module. It does nothing when the record exists."""
    from ansible.module_utils.basic import AnsibleModule  # type: ignore[import-not-found]  # tests import the rest without Ansible

    module = AnsibleModule(
        argument_spec={
            "installer": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "user_provided_id": {"type": "str", "default": ""},
            "temporary_folder": {"type": "str", "default": "/tmp"},
            "start_replication": {"type": "bool", "default": False},
            "record": {"type": "str", "required": True},
        }
    )
    record = Path(module.params["record"])
    if record.exists():
        module.exit_json(changed=False)
    wanted = Installation(
        Path(module.params["installer"]),
        module.params["region"],
        module.params["user_provided_id"],
        Path(module.params["temporary_folder"]),
        module.params["start_replication"],
    )
    try:
        server_id = install(wanted, read_credentials())
    except InstallationFailed as error:
        module.fail_json(msg=f"the replication agent of AWS MGN was not installed on {os.uname().nodename}: {error}")
    if server_id is None:
        module.warn(f"the installer named no source server: check that AWS MGN shows this machine in {wanted.region}")
    record.write_text(json.dumps({"region": wanted.region, "source_server_id": server_id}) + "\n", encoding="utf-8")
    module.exit_json(changed=True, source_server_id=server_id)


if __name__ == "__main__":
    main()
