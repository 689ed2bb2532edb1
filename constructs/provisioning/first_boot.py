#!/usr/bin/env python3
"""Provision a machine of the source: install Ansible, download the playbooks, run one of them and report the result.

The script is the machine's user data. It uses only the standard library until apt has installed the rest. It holds no
secret: the parameter that it reads has names and ARNs, and the presigned address only accepts the signal. CloudFormation
always receives SUCCESS, or FAILURE with the reason.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

CONFIGURATION = """@CONFIGURATION@"""
PACKAGES = ("ansible-core", "python3-boto3", "python3-pymysql")
FOLDER = Path("/opt/cutover/provisioning")
VARIABLES = Path("/etc/cutover/extra-vars.json")
LOG = Path("/var/log/cutover-provisioning.log")
RETRY_SECONDS = 120.0
REASON_LIMIT = 1000
Result = TypeVar("Result")


class ProvisioningFailed(Exception):
    """The provisioning of the machine failed. The message is the reason that CloudFormation shows."""


def run_command(command: list[str], log: Path) -> None:
    """Run a command and append its output to the log. Raises ProvisioningFailed with the error in the output."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root", "ANSIBLE_NOCOLOR": "1"}
    with log.open("ab") as output:
        start = output.tell()
        completed = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=environment, check=False)
    if completed.returncode:
        with log.open("rb") as written:
            written.seek(start)
            text = written.read().decode(errors="replace")
        raise ProvisioningFailed(f"{command[0]} ended with {completed.returncode}: {find_last_error(text)}")


def find_last_error(output: str) -> str:
    """Return the last failed task and its message in the output of Ansible, otherwise the last line that is not blank."""
    task, error = "", ""
    for line in output.splitlines():
        if named := re.match(r"TASK \[(.+?)\]", line):
            task = named[1]
        elif failed := re.match(r"(?:fatal|failed): \[[^\]]+\].*?=> (.*)", line):
            error = f"{task}: {_read_message(failed[1])}"
        elif line.startswith("ERROR! "):
            error = line.removeprefix("ERROR! ")
    return error or next((line for line in reversed(output.splitlines()) if line.strip()), "no output")


def _read_message(result: str) -> str:
    """Return the message in the JSON result of a task, otherwise the result itself."""
    try:
        facts = json.loads(result)
    except ValueError:
        return result
    return " ".join(str(facts.get("msg") or facts.get("stderr") or result).split())


def retry(error_message: str, action: Callable[[], Result], limit_seconds: float = RETRY_SECONDS) -> Result:
    """Repeat an action until it succeeds, with growing pauses, and return its result.

    A service may refuse a machine at first, because the permissions of a new role reach the services after the machine has
    started. Raises ProvisioningFailed when the limit is reached.
    """
    deadline, pause_seconds = time.monotonic() + limit_seconds, 1.0
    while True:
        try:
            return action()
        except Exception as error:  # the classes of boto3's errors are not importable before it is installed
            if time.monotonic() + pause_seconds > deadline:
                raise ProvisioningFailed(f"{error_message}: {error}") from error
        time.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 2, 15.0)


def fetch_playbooks(configuration: dict[str, str]) -> dict[str, Any]:
    """Unpack the asset that the parameter names, write the variables, and return the content of the parameter."""
    import boto3  # not importable earlier: `provision` installs it

    region = configuration["region"]
    value = boto3.client("ssm", region_name=region).get_parameter(Name=configuration["parameter"])["Parameter"]["Value"]
    plan: dict[str, Any] = json.loads(value)
    FOLDER.mkdir(parents=True, exist_ok=True)
    archive = FOLDER / "assets.zip"
    boto3.client("s3", region_name=region).download_file(plan["bucket"], plan["key"], str(archive))
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(FOLDER / "assets")
    VARIABLES.parent.mkdir(parents=True, exist_ok=True)
    VARIABLES.write_text(json.dumps(plan["variables"], indent=2))
    return plan


def provision(configuration: dict[str, str]) -> None:
    """Install Ansible and run this machine's playbook. Raises ProvisioningFailed."""
    apt = ["apt-get", "-q", "-y", "-o", "Acquire::Retries=5", "-o", "DPkg::Lock::Timeout=300"]
    # The image's own timer may hold the lock of the lists at the first boot. The option above waits for the lock of dpkg alone.
    retry("the package lists cannot be read", lambda: run_command([*apt, "update"], LOG))
    run_command([*apt, "install", "--no-install-recommends", *PACKAGES], LOG)
    plan = retry("the download of the playbooks failed", lambda: fetch_playbooks(configuration))
    playbook = FOLDER / "assets/ansible" / plan["playbook"]
    run_command(["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"@{VARIABLES}", str(playbook)], LOG)


def send_signal(configuration: dict[str, str], reason: str | None) -> None:
    """Send SUCCESS to CloudFormation, or FAILURE if there is a reason. The signature of the presigned address covers an empty content type."""
    body = {
        "Status": "FAILURE" if reason else "SUCCESS",
        "Reason": (reason or "provisioned")[:REASON_LIMIT],
        "UniqueId": configuration["parameter"],
        "Data": configuration["parameter"],
    }
    request = urllib.request.Request(configuration["signal_url"], data=json.dumps(body).encode(), method="PUT")
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request, timeout=60).close()


def main() -> None:
    """Provision this machine and report the result to CloudFormation."""
    configuration: dict[str, str] = json.loads(CONFIGURATION)
    reason = None
    try:
        provision(configuration)
    except Exception as error:
        reason = f"{configuration['machine']}: {error}"
        raise
    finally:
        retry("the signal to CloudFormation failed", lambda: send_signal(configuration, reason))


if __name__ == "__main__":
    main()
