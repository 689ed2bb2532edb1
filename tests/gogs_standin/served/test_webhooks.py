"""Webhooks are delivered immediately after each kind of push, but never to a private network that app.ini does not
allow.
"""

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
def receiver() -> Iterator[tuple[int, queue.Queue[Delivery]]]:
    """Start a receiver. Return its port and its deliveries: event and payload, if the signature is valid."""
    deliveries: queue.Queue[Delivery] = queue.Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            good = self.headers["X-Gogs-Signature"] == signed
            deliveries.put((self.headers["X-Gogs-Event"] if good else "forged", json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, deliveries
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tree(gogs: Gogs, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that adds a commit to a working copy."""
    gogs.create_repository("loud")
    copy = tmp_path / "tree"
    subprocess.run(["git", "init", "-q", "-b", "master", str(copy)], check=True)

    def commit(text: str) -> Path:
        who = ["-c", "user.name=Root", "-c", "user.email=root@example.com"]
        subprocess.run(["git", *who, "commit", "-q", "--allow-empty", "-m", text], cwd=copy, check=True)
        return copy

    return commit


def _create_hook(gogs: Gogs, host: str, port: int) -> None:
    config = {"url": f"http://{host}:{port}/", "content_type": "json", "secret": SECRET}
    hook = {"type": "gogs", "config": config, "events": ["push", "issues"], "active": True}
    response = requests.post(f"{gogs.url}/api/v1/repos/root/loud/hooks", headers=gogs.token(), json=hook, timeout=20)
    assert response.status_code == 201, response.text


def test_pushes_over_http_and_ssh_and_issues_are_delivered_to_webhooks(
    gogs: Gogs, tree: Callable[[str], Path], receiver: tuple[int, queue.Queue[Delivery]], tmp_path: Path
) -> None:
    port, deliveries = receiver
    _create_hook(gogs, "127.0.0.1", port)

    # When a user pushes over HTTP, then the receiver gets the commits
    url = gogs.url.replace("://", f"://{ADMIN[0]}:{ADMIN[1]}@")
    subprocess.run(["git", "push", "-q", f"{url}/root/loud.git", "master"], cwd=tree("by HTTP"), check=True)
    event, payload = deliveries.get(timeout=SECONDS)
    assert (event, payload["ref"], payload["pusher"]["login"]) == ("push", "refs/heads/master", "root")
    assert [commit["message"] for commit in payload["commits"]] == ["by HTTP\n"]

    # And over SSH, where another process than the server's creates the delivery
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
    event, payload = deliveries.get(timeout=SECONDS)
    assert [commit["message"] for commit in payload["commits"]] == ["by SSH\n"]

    # And through the API
    requests.post(f"{gogs.url}/api/v1/repos/root/loud/issues", headers=gogs.token(), json={"title": "Öops"}, timeout=20)
    event, payload = deliveries.get(timeout=SECONDS)
    assert (event, payload["action"], payload["issue"]["title"]) == ("issues", "opened", "Öops")


def test_pending_webhooks_are_delivered_at_the_next_start_but_not_to_private_networks(
    gogs: Gogs, tree: Callable[[str], Path], receiver: tuple[int, queue.Queue[Delivery]]
) -> None:
    port, deliveries = receiver
    tree("unused")
    _create_hook(gogs, "localhost", port)  # a name that app.ini does not allow
    _create_hook(gogs, "127.0.0.1", port)
    gogs.stop()
    gogs.database.run(
        f"INSERT INTO {gogs.schema}.hook_task (hook_id, repo_id, uuid, url, signature, payload_content, content_type,"
        " event_type, is_delivered) SELECT id, repo_id, id, url,"
        f" '{hmac.new(SECRET.encode(), b'{}', 'sha256').hexdigest()}',"
        f" '{{}}', 1, 'push', 0 FROM {gogs.schema}.webhook"
    )
    gogs.start()
    assert deliveries.get(timeout=SECONDS) == ("push", {})
    assert deliveries.empty()
    refused = f"SELECT response_content FROM {gogs.schema}.hook_task WHERE hook_id = 1 AND is_delivered = 0"
    assert "local network" in str(gogs.database.run(refused))
