#!/usr/bin/env python3
"""Install the replication agent of MGN on this machine: `aws-replication-installer-init --region R --no-prompt …`.

Standard library only, run as root. The installation registers the machine with the credentials that it is given, which may
be temporary: the installed agent does without them. Exit codes: 0 installed, 1 refused or failed, 2 usage.
"""

from __future__ import annotations

import argparse
import contextlib
import getpass
import hashlib
import hmac
import json
import os
import platform
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

# agent_support: begin
from rehearsal.replication_engine.agent_support import (
    find_endpoint,
    find_own_address,
    find_root_disk,
    read_metadata,
    remove_agent,
    run_heartbeats,
    start_agent,
)

# agent_support: end

FOLDER = Path("/var/lib/aws-replication-agent")
UNIT = Path("/etc/systemd/system/aws-replication.service")
LOG = "aws_replication_agent_installer.log"
"""in the folder that the installer is run in"""
OTHER_AGENTS = (Path("/var/lib/cloudendure"), Path("/etc/systemd/system/cloudendure-agent.service"))
MODULES = Path("/proc/modules")
DRIVER = "CE_AgentDriver"
"""kernel module of the agents of CloudEndure and DRS"""
UNIT_TEXT = """[Unit]
Description=AWS Replication Agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/env python3 {agent} --run
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
"""


class Refused(Exception):
    """The installation cannot go on; the message has the reason."""


def log(message: str) -> None:
    """Print a message, and add it to the installer's log."""
    print(message, flush=True)
    with contextlib.suppress(OSError), open(LOG, "a", encoding="utf-8") as file:  # noqa: PTH123
        file.write(f"{datetime.now(timezone.utc).isoformat()} {message}\n")  # noqa: UP017


def send(url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """POST JSON. Raises Refused for a response of 4xx, OSError when the service cannot be reached or is out of order."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise
        text = error.read().decode(errors="replace")
        with contextlib.suppress(ValueError, KeyError, TypeError):
            text = json.loads(text)["message"]
        raise Refused(f"{error.headers.get('x-amzn-ErrorType', error.code)}: {text}") from error


def sign(url: str, body: bytes, region: str, keys: dict[str, str], moment: datetime) -> dict[str, str]:
    """Return the headers of a signed request (Signature Version 4)."""
    parts = urllib.parse.urlsplit(url)
    stamp, day = moment.strftime("%Y%m%dT%H%M%SZ"), moment.strftime("%Y%m%d")
    headers = {"content-type": "application/json", "host": parts.netloc, "x-amz-date": stamp}
    if keys["token"]:
        headers["x-amz-security-token"] = keys["token"]
    names = ";".join(sorted(headers))
    listed = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join(("POST", parts.path, "", listed, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/{region}/mgn/aws4_request"
    to_sign = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{keys['secret']}".encode()
    for part in (day, region, "mgn", "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    credential = f"Credential={keys['id']}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    headers["authorization"] = f"AWS4-HMAC-SHA256 {credential}"
    return headers


def read_mac() -> str:
    """Return the MAC address, by which the service knows the machine: 0A-40-F1-E8-B2-2D."""
    own = f"{uuid.getnode():012x}"
    found = read_metadata("/meta-data/mac") or ":".join(own[start : start + 2] for start in range(0, 12, 2))
    return found.upper().replace(":", "-")


def describe_machine() -> dict[str, Any]:
    """Return the sourceProperties of this machine."""
    hints = {"hostname": socket.gethostname(), "fqdn": socket.getfqdn()}
    instance = read_metadata("/meta-data/instance-id")
    address = read_metadata("/meta-data/local-ipv4") if instance else find_own_address()
    name, size = find_root_disk()
    return {
        "identificationHints": {**hints, **({"awsInstanceID": instance} if instance else {})},
        "networkInterfaces": [{"macAddress": read_mac(), "ips": [address] if address else [], "isPrimary": True}],
        "disks": [{"deviceName": name, "bytes": size}],
        "cpus": [{"cores": os.cpu_count() or 1, "modelName": platform.machine()}],
        "ramBytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "os": {"fullString": f"{platform.system()} version {platform.release()} {platform.version()}"},
    }


def check_machine(devices: str) -> None:
    """Raise Refused for a machine that the agent cannot be installed on."""
    if os.geteuid() != 0:
        raise Refused("The installer must be run as root.")
    loaded = MODULES.is_file() and DRIVER in MODULES.read_text()
    found = [str(path) for path in OTHER_AGENTS if path.exists()] + ([f"kernel module {DRIVER}"] if loaded else [])
    if found:
        raise Refused(f"Another replication agent is installed ({', '.join(found)}): uninstall it first.")
    known, _ = find_root_disk()
    if wrong := [name for name in devices.split(",") if name and name != known]:
        raise Refused(
            f"--devices: there is no disk {wrong[0]}. The rehearsal replicates the root disk, {known}, alone."
        )


def install(options: argparse.Namespace) -> int:
    """Install and start the agent; return the exit code."""
    log("The installation of the AWS Replication Agent has started.")
    try:
        check_machine(options.devices)
        endpoint = find_endpoint("mgn", options.region, options.endpoint)
        properties = describe_machine()
        registration: dict[str, Any] = {
            "identity": properties["networkInterfaces"][0]["macAddress"],
            "properties": properties,
            "tags": dict(tag.split("=", 1) for tag in options.tags),
            "userProvidedID": options.user_provided_id,
            "noReplication": options.no_replication,
        }
        body, keys = json.dumps(registration).encode(), read_keys(options)
        moment = datetime.now(timezone.utc)  # noqa: UP017  # servers have older Pythons
        url = f"{endpoint}/RegisterAgentForMgn"
        answer = send(url, body, sign(url, body, options.region, keys, moment))
    except (Refused, OSError) as error:
        log(f"Error: {error}")
        log(f"The installation of the AWS Replication Agent failed. See {LOG}.")
        return 1
    instance = properties["identificationHints"].get("awsInstanceID", "")
    record = {**answer, "endpoint": endpoint, "awsInstanceID": instance}  # without the credentials
    start_agent(FOLDER, UNIT, UNIT_TEXT, record)
    log(f"The following is the source server ID: {answer['sourceServerID']}.")
    log("The AWS Replication Agent was successfully installed.")
    return 0


def read_keys(options: argparse.Namespace) -> dict[str, str]:
    """Return the credentials. What is missing is asked for, a token only with temporary keys. Raises Refused with --no-prompt."""
    keys = {
        "id": options.aws_access_key_id,
        "secret": options.aws_secret_access_key,
        "token": options.aws_session_token,
    }
    for name, text in (
        ("id", "AWS Access Key ID"),
        ("secret", "AWS Secret Access Key"),
        ("token", "AWS Session Token"),
    ):
        if keys[name] or (name == "token" and not keys["id"].startswith("ASIA")):
            continue
        if options.no_prompt:
            raise Refused(f"{text} is missing.")
        keys[name] = getpass.getpass(f"{text}: ").strip()
    return keys


def run() -> int:
    """Run the service: heartbeats until the service requests that the agent goes."""
    record = json.loads((FOLDER / "agent.json").read_text())
    here = read_metadata("/meta-data/instance-id")
    if here and here != record["awsInstanceID"]:  # a source that is no EC2 instance has no id
        original = record["awsInstanceID"] or "another machine"
        print(f"This is a copy of the disk of {original}: the agent sends nothing.", flush=True)
        return 0
    body = json.dumps({"sourceServerID": record["sourceServerID"], "agentKey": record["agentKey"]}).encode()
    url, headers = f"{record['endpoint']}/_rehearsal/mgn/heartbeat", {"content-type": "application/json"}
    run_heartbeats(lambda: send(url, body, headers), float(record["heartbeatSeconds"]), Refused)
    print("The service requests: uninstall.", flush=True)
    remove_agent(FOLDER, UNIT)
    return 0


def main() -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="aws-replication-installer-init")
    parser.add_argument("--region", help="AWS Region of the migration")
    for name in ("--aws-access-key-id", "--aws-secret-access-key", "--aws-session-token", "--devices"):
        parser.add_argument(name, default="")
    parser.add_argument("--tags", nargs="+", default=[], metavar="KEY=VALUE", help="of a new source server")
    parser.add_argument("--user-provided-id", default="")
    parser.add_argument("--endpoint", default="", help="address of the service")
    parser.add_argument("--s3-endpoint", default="", help="taken, without effect: nothing more is downloaded")
    parser.add_argument("--no-prompt", action="store_true", help="never ask")
    parser.add_argument("--force-volumes", action="store_true", help="taken, without effect: one disk is replicated")
    parser.add_argument("--no-replication", action="store_true", help="install only")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        return run()
    if not options.region:
        if options.no_prompt:
            parser.error("--region is required with --no-prompt")
        options.region = input("AWS Region Name: ").strip()
    if wrong := [tag for tag in options.tags if "=" not in tag]:
        parser.error(f"--tags: {wrong[0]}: KEY=VALUE is expected")
    return install(options)


if __name__ == "__main__":
    sys.exit(main())
