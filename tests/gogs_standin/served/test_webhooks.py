"""Webhooks are delivered at once, however a push came in; never into a private network that app.ini does not allow."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.gogs_standin.served.servers import ADMIN, Gogs

pytestmark = pytest.mark.rehearsal
SECRET = "shared"
SECONDS = 30
Delivery = tuple[str, dict[str, Any]]


@pytest.fixture
def told() -> Iterator[tuple[int, queue.Queue[Delivery]]]:
    """The port of somebody who listens, and what they hear: event and payload, with a good signature."""
    heard: queue.Queue[Delivery] = queue.Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            good = self.headers["X-Gogs-Signature"] == signed
            heard.put((self.headers["X-Gogs-Event"] if good else "forged", json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tree(gogs: Gogs, tmp_path: Path) -> Callable[[str], Path]:
    """Makes one more commit in a working copy."""
    gogs.create_repository("loud")
    copy = tmp_path / "tree"
    subprocess.run(["git", "init", "-q", "-b", "master", str(copy)], check=True)

    def committed(text: str) -> Path:
        who = ["-c", "user.name=Root", "-c", "user.email=root@example.com"]
        subprocess.run(["git", *who, "commit", "-q", "--allow-empty", "-m", text], cwd=copy, check=True)
        return copy

    return committed


def _hook(gogs: Gogs, host: str, port: int) -> None:
    config = {"url": f"http://{host}:{port}/", "content_type": "json", "secret": SECRET}
    hook = {"type": "gogs", "config": config, "events": ["push", "issues"], "active": True}
    answer = requests.post(f"{gogs.url}/api/v1/repos/root/loud/hooks", headers=gogs.token(), json=hook, timeout=20)
    assert answer.status_code == 201, answer.text


def test_pushes_by_http_and_ssh_and_issues_are_told(
    gogs: Gogs, tree: Callable[[str], Path], told: tuple[int, queue.Queue[Delivery]], tmp_path: Path
) -> None:
    port, heard = told
    _hook(gogs, "127.0.0.1", port)

    # When somebody pushes over HTTP, then the listener hears the commits
    url = gogs.url.replace("://", f"://{ADMIN[0]}:{ADMIN[1]}@")
    subprocess.run(["git", "push", "-q", f"{url}/root/loud.git", "master"], cwd=tree("by HTTP"), check=True)
    event, payload = heard.get(timeout=SECONDS)
    assert (event, payload["ref"], payload["pusher"]["login"]) == ("push", "refs/heads/master", "root")
    assert [commit["message"] for commit in payload["commits"]] == ["by HTTP\n"]

    # And over SSH, where another process than the server's leaves the task
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = {"title": "laptop", "key": key.with_suffix(".pub").read_text()}
    requests.post(f"{gogs.url}/api/v1/user/keys", headers=gogs.token(), json=public, timeout=20)
    shell = f"ssh -F none -i {key} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    subprocess.run(
        ["git", "-c", f"core.sshCommand={shell}", "push", "-q",
         f"ssh://git@127.0.0.1:{gogs.ssh}/root/loud.git", "master"],
        cwd=tree("by SSH"), check=True, capture_output=True,
    )  # fmt: skip
    event, payload = heard.get(timeout=SECONDS)
    assert [commit["message"] for commit in payload["commits"]] == ["by SSH\n"]

    # And by the API
    requests.post(f"{gogs.url}/api/v1/repos/root/loud/issues", headers=gogs.token(), json={"title": "Öops"}, timeout=20)
    event, payload = heard.get(timeout=SECONDS)
    assert (event, payload["action"], payload["issue"]["title"]) == ("issues", "opened", "Öops")


def test_what_waits_is_told_at_the_next_start_and_private_networks_are_not(
    gogs: Gogs, tree: Callable[[str], Path], told: tuple[int, queue.Queue[Delivery]]
) -> None:
    port, heard = told
    tree("unused")
    _hook(gogs, "localhost", port)  # a name that app.ini does not allow
    _hook(gogs, "127.0.0.1", port)
    gogs.stop()
    gogs.database.run(
        f"INSERT INTO {gogs.schema}.hook_task (hook_id, repo_id, uuid, url, signature, payload_content, content_type,"
        " event_type, is_delivered) SELECT id, repo_id, id, url,"
        f" '{hmac.new(SECRET.encode(), b'{}', 'sha256').hexdigest()}',"
        f" '{{}}', 1, 'push', 0 FROM {gogs.schema}.webhook"
    )
    gogs.start()
    assert heard.get(timeout=SECONDS) == ("push", {})
    assert heard.empty()
    refused = f"SELECT response_content FROM {gogs.schema}.hook_task WHERE hook_id = 1 AND is_delivered = 0"
    assert "local network" in str(gogs.database.run(refused))
