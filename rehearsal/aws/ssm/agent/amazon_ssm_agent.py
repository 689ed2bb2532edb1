#!/usr/bin/env python3
"""Register this machine as a hybrid node: `amazon-ssm-agent -register -code CODE -id ID -region REGION`; without options: the service.

Standard library only, run as root. The service sends a heartbeat every few seconds and keeps the credentials of the node's role
in root's shared credentials file, as the agent of AWS does (issues 115 and 157 of github.com/aws/amazon-ssm-agent). Commands
do not pass the agent: the rehearsal runs them from outside. Exit codes: 0 done, 1 refused or failed, 2 usage.
"""

from __future__ import annotations

import argparse
import configparser
import contextlib
import hashlib
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

# agent_support: begin
from rehearsal.replication_engine.agent_support import find_endpoint, find_own_address, read_hardware_addresses

# agent_support: end

STATE = Path("/var/lib/amazon/ssm")
REGISTRATION = STATE / "registration"
KEY = STATE / "Vault/Store/RegistrationKey"
CREDENTIALS = Path("/root/.aws/credentials")
PROFILE = "default"
PAUSE_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 60.0


class Refused(Exception):
    """Systems Manager refused; the message has its code."""


def send(url: str, document: dict[str, Any]) -> dict[str, Any]:
    """POST JSON. Raises Refused for a response of 4xx, OSError when the service cannot be reached or is out of order."""
    request = urllib.request.Request(
        url, data=json.dumps(document).encode(), headers={"content-type": "application/json"}, method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=15) as response:
            return dict(json.load(response))
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise
        text = error.read().decode(errors="replace")
        with contextlib.suppress(ValueError, KeyError, TypeError):
            found = json.loads(text)
            text = f"{found['code']}: {found['message']}"
        raise Refused(text) from error


def read_fingerprint() -> str:
    """Return what distinguishes this machine from a copy of its disk: its machine id with the address of its network interface."""
    machine = Path("/etc/machine-id").read_text().strip()
    return hashlib.sha256("\n".join([machine, *read_hardware_addresses()]).encode()).hexdigest()


def read_operating_system() -> dict[str, str]:
    """Return name and version of the operating system."""
    lines = Path("/etc/os-release").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return {
        "platformName": values.get("NAME", "Linux").strip('"'),
        "platformVersion": values.get("VERSION_ID", "").strip('"'),
    }


def write_private(file: Path, text: str) -> None:
    """Write a file that only root can read."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
    half.replace(file)


def store_credentials(given: dict[str, str]) -> bool:
    """Put the credentials into the shared credentials file, beside other profiles; return whether they are new."""
    file = configparser.RawConfigParser()
    file.read(CREDENTIALS)
    wanted = {
        "aws_access_key_id": given["accessKeyId"],
        "aws_secret_access_key": given["secretAccessKey"],
        "aws_session_token": given["sessionToken"],
    }
    if file.has_section(PROFILE) and dict(file.items(PROFILE)) == wanted:
        return False
    file[PROFILE] = wanted
    lines = [
        line
        for section in file.sections()
        for line in (f"[{section}]", *(f"{key} = {value}" for key, value in file.items(section)))
    ]
    write_private(CREDENTIALS, "\n".join([*lines, ""]))
    return True


def register(options: argparse.Namespace) -> int:
    """Register the machine; return the exit code. It prints what the agent of AWS prints."""
    if os.geteuid() != 0:
        print("amazon-ssm-agent must be run as root.", file=sys.stderr)
        return 1
    if options.clear:
        for file in (REGISTRATION, KEY):
            file.unlink(missing_ok=True)
        if not options.code:
            print("Registration information has been removed from the instance.")
            return 0
    if REGISTRATION.exists() and not options.yes:
        print("Instance already registered. Use -y to register it again.", file=sys.stderr)
        return 1
    facts = {"fingerprint": read_fingerprint(), "computerName": socket.gethostname(), "address": find_own_address()}
    activation = {"activationId": options.id, "activationCode": options.code}
    url = f"{find_endpoint('ssm', options.region)}/_rehearsal/ssm/register"
    try:
        made = send(url, {**facts, **activation, **read_operating_system()})
    except (Refused, OSError) as error:
        print(f"Registration failed due to error registering the instance with AWS SSM. {error}", file=sys.stderr)
        return 1
    write_private(KEY, made["key"])
    write_private(REGISTRATION, json.dumps({"ManagedInstanceID": made["instanceId"], "Region": made["region"]}))
    print(f"Successfully registered the instance with AWS SSM using Managed instance-id: {made['instanceId']}")
    return 0


def run() -> int:
    """Run the service: one heartbeat after the other, with a growing pause while the service refuses or cannot be reached."""
    pause = PAUSE_SECONDS
    while True:
        try:
            seconds = send_heartbeat()
            pause = PAUSE_SECONDS
        except (Refused, OSError, ValueError) as error:
            print(f"error occurred in RequestManagedInstanceRoleToken: {error}", file=sys.stderr, flush=True)
            pause = seconds = min(2 * pause, LONGEST_WAIT_SECONDS)
        time.sleep(seconds)


def send_heartbeat() -> float:
    """Send one heartbeat and store the credentials; return the seconds until the next. Raises Refused, OSError, ValueError."""
    registration = json.loads(REGISTRATION.read_text())
    sent = {
        "instanceId": registration["ManagedInstanceID"],
        "key": KEY.read_text(),
        "fingerprint": read_fingerprint(),
    }
    received = send(f"{find_endpoint('ssm', registration['Region'])}/_rehearsal/ssm/heartbeat", sent)
    if store_credentials(received["credentials"]):
        print(f"The credentials of {sent['instanceId']} are in {CREDENTIALS}.", flush=True)
    return float(received["heartbeatSeconds"])


def main() -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="amazon-ssm-agent", allow_abbrev=False)
    parser.add_argument("-register", action="store_true", help="register the machine with an activation")
    parser.add_argument("-code", default="", help="activation code")
    parser.add_argument("-id", default="", help="activation id")
    parser.add_argument("-region", default="", help="AWS Region")
    parser.add_argument("-clear", action="store_true", help="remove an earlier registration first")
    parser.add_argument("-y", dest="yes", action="store_true", help="register again without a question")
    options = parser.parse_args()
    if not options.register:
        return run()
    if not options.clear and not (options.code and options.id and options.region):
        parser.error("-register needs -code, -id and -region")
    return register(options)


if __name__ == "__main__":
    sys.exit(main())
