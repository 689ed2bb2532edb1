"""The script in the user data: the reason of a failure, and the signal to CloudFormation."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from provisioning import first_boot

ANSIBLE_FAILURE = """
PLAY [Gogs] ********************************************************************

TASK [Gathering Facts] *********************************************************
ok: [localhost]

TASK [gogs : Fetch the archive] ************************************************
fatal: [localhost]: FAILED! => {"changed": false, "msg": "The checksum for /opt/gogs.tar.gz did not match 00."}

PLAY RECAP *********************************************************************
localhost                  : ok=1    changed=0    unreachable=0    failed=1
"""


@pytest.fixture
def wait_handle() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the URL of a server that accepts PUT requests, and the list of received bodies with their content types."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append({**json.loads(body), "type": self.headers["Content-Type"]})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/handle", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_reason_is_the_last_failed_task_with_its_message() -> None:
    assert first_boot.find_last_error(ANSIBLE_FAILURE) == (
        "gogs : Fetch the archive: The checksum for /opt/gogs.tar.gz did not match 00."
    )


def test_a_censored_task_reveals_no_secret() -> None:
    output = (
        'TASK [gogs : Render app.ini] **\nfatal: [localhost]: FAILED! => {"censored": "the output has been hidden"}\n'
    )
    assert "hidden" in first_boot.find_last_error(output)


def test_an_error_before_the_first_task_is_the_reason() -> None:
    assert first_boot.find_last_error("ERROR! the role 'gogs' was not found\n\n") == "the role 'gogs' was not found"


def test_the_reason_of_another_command_is_its_last_line() -> None:
    assert first_boot.find_last_error("Reading…\nE: Unable to locate package\n\n") == "E: Unable to locate package"


def test_the_error_of_a_failed_command_has_its_status_and_reason(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("fatal: [localhost]: FAILED! => of an earlier run\n")
    with pytest.raises(first_boot.ProvisioningFailed, match="sh ended with 3: no such disk"):
        first_boot.run_command(["sh", "-c", "echo no such disk; exit 3"], log)
    assert "no such disk" in log.read_text()


def test_retries_end_at_the_time_limit() -> None:
    def refused() -> None:
        raise ConnectionError("denied")

    with pytest.raises(first_boot.ProvisioningFailed, match="the download of the playbooks failed: denied"):
        first_boot.retry("the download of the playbooks failed", refused, limit_seconds=0)


def test_package_lists_that_another_process_reads_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first boot the image's own timer may hold the lock of the lists, for which apt does not wait."""
    calls = tmp_path / "calls"
    programs = {
        "apt-get": f'echo "$*" >> {calls}; case "$*" in *update) [ -e {tmp_path}/free ] || {{ touch {tmp_path}/free; exit 100; }};; esac',
        "ansible-playbook": f"echo playbook >> {calls}",
    }
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(first_boot, "LOG", tmp_path / "log")
    monkeypatch.setattr(first_boot, "fetch_playbooks", lambda _: {"playbook": "gogs.yml"})
    first_boot.provision({})
    done = [line.split()[-1] for line in calls.read_text().splitlines()]
    assert done == ["update", "update", first_boot.PACKAGES[-1], "playbook"]


@pytest.mark.parametrize(("reason", "status"), [(None, "SUCCESS"), ("x" * 5000, "FAILURE")])
def test_the_signal_has_the_format_that_cloudformation_requires(
    wait_handle: tuple[str, list[dict[str, Any]]], reason: str | None, status: str
) -> None:
    url, received = wait_handle
    first_boot.send_signal({"signal_url": url, "parameter": "/cutover/gogs/provisioning/source-app"}, reason)
    (signal,) = received
    assert signal["Status"] == status
    assert signal["Reason"] == ("x" * 1000 if reason else "provisioned")
    assert signal["UniqueId"] == "/cutover/gogs/provisioning/source-app"
    assert signal["type"] == ""
