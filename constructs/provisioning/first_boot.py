#!/usr/bin/env python3
"""User data of the source's machines: installs Ansible, fetches the playbooks, runs one of them on this very machine and
says how it went.

Standard library only, until apt has installed the rest. Holds no secret: the parameter it reads has names and ARNs, and
the address it answers to can only be used to answer. Whatever happens, CloudFormation hears SUCCESS or FAILURE with the
reason. Answer: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
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
PATIENCE_SECONDS = 120.0
REASON_LIMIT = 1000
Result = TypeVar("Result")


class ProvisioningFailed(Exception):
    """The machine is not what it should be. The message is the reason that CloudFormation shows."""


def run(command: list[str], log: Path) -> None:
    """Raises ProvisioningFailed with what the command said was wrong."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root", "ANSIBLE_NOCOLOR": "1"}
    with log.open("ab") as output:
        start = output.tell()
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=environment, check=False)
    if done.returncode:
        with log.open("rb") as written:
            written.seek(start)
            text = written.read().decode(errors="replace")
        raise ProvisioningFailed(f"{command[0]} ended with {done.returncode}: {last_error(text)}")


def last_error(output: str) -> str:
    """The last failed task with its message, in Ansible's output; else the last line that is not blank."""
    task, error = "", ""
    for line in output.splitlines():
        if named := re.match(r"TASK \[(.+?)\]", line):
            task = named[1]
        elif failed := re.match(r"(?:fatal|failed): \[[^\]]+\].*?=> (.*)", line):
            error = f"{task}: {_message(failed[1])}"
        elif line.startswith("ERROR! "):
            error = line.removeprefix("ERROR! ")
    return error or next((line for line in reversed(output.splitlines()) if line.strip()), "no output")


def _message(result: str) -> str:
    try:
        facts = json.loads(result)
    except ValueError:
        return result
    return " ".join(str(facts.get("msg") or facts.get("stderr") or result).split())


def patiently(what: str, action: Callable[[], Result], patience: float = PATIENCE_SECONDS) -> Result:
    """A new role's permissions reach every service a little later than the machine starts; the wait is bounded."""
    deadline, pause = time.monotonic() + patience, 1.0
    while True:
        try:
            return action()
        except Exception as error:  # boto3's classes cannot be named before it is installed
            if time.monotonic() + pause > deadline:
                raise ProvisioningFailed(f"{what}: {error}") from error
        time.sleep(pause)
        pause = min(pause * 2, 15.0)


def fetch(configuration: dict[str, str]) -> dict[str, Any]:
    """Unpacks the asset that the parameter names, writes the variables; answers the parameter's content."""
    import boto3  # installed a moment ago

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
    apt = ["apt-get", "-q", "-y", "-o", "Acquire::Retries=5", "-o", "DPkg::Lock::Timeout=300"]
    run([*apt, "update"], LOG)
    run([*apt, "install", "--no-install-recommends", *PACKAGES], LOG)
    plan = patiently("the playbooks cannot be fetched", lambda: fetch(configuration))
    playbook = FOLDER / "assets/ansible" / plan["playbook"]
    run(["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"@{VARIABLES}", str(playbook)], LOG)


def answer(configuration: dict[str, str], reason: str | None) -> None:
    """One PUT to the presigned address, whose signature covers an empty content type."""
    body = {
        "Status": "FAILURE" if reason else "SUCCESS",
        "Reason": (reason or "provisioned")[:REASON_LIMIT],
        "UniqueId": configuration["parameter"],
        "Data": configuration["parameter"],
    }
    request = urllib.request.Request(configuration["answer_to"], data=json.dumps(body).encode(), method="PUT")
    request.add_header("Content-Type", "")
    urllib.request.urlopen(request, timeout=60).close()


def main() -> None:
    configuration: dict[str, str] = json.loads(CONFIGURATION)
    reason = None
    try:
        provision(configuration)
    except Exception as error:
        reason = f"{configuration['machine']}: {error}"
        raise
    finally:
        patiently("CloudFormation cannot be told", lambda: answer(configuration, reason))


if __name__ == "__main__":
    main()
