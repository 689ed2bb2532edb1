"""Record how webhooks are created, and the requests that two pushes send."""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from tests.gogs_standin.contract.further.site import Json
from tests.gogs_standin.contract.further.world import World
from tests.waiting import wait_until


def record_webhooks(world: World) -> None:
    """Record refused webhooks, and what two pushes to a new branch send."""
    site = world.site
    received: list[Json] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            fields = ("User-Agent", "Content-Type", "X-Github-Event", "X-Gogs-Event")
            text = body.decode()
            received.append({
                **{name: self.headers.get(name) for name in fields},
                "same numbers": self.headers.get("X-Github-Delivery") == self.headers.get("X-Gogs-Delivery") is not None,
                "signature": bool(self.headers.get("X-Gogs-Signature")),
                "compare_url": (re.search(r'"compare_url": ?"([^"]*)"', text) or ["", ""])[1],
            })  # fmt: skip
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = {
        "type": "gogs",
        "config": {"url": f"http://127.0.0.1:{server.server_port}/", "content_type": "json", "secret": "s"},
        "active": True,
    }
    base = "/api/v1/repos/alice/app/hooks"
    every = ["create", "delete", "fork", "push", "issues", "issue_comment", "pull_request", "release"]
    site.record_request(
        "hook: every event", "POST", base, headers=world.alice, json={**hook, "events": every, "active": False}
    )
    site.record_request("hook: bad type", "POST", base, headers=world.alice, json={**hook, "type": "none"})
    site.record_request(
        "hook: no address", "POST", base, headers=world.alice, json={**hook, "config": {"content_type": "json"}}
    )
    site.record_request(
        "hook: bad content type",
        "POST",
        base,
        headers=world.alice,
        json={**hook, "config": {"url": "http://x/", "content_type": "xml"}},
    )
    site.record_request("hook: without events", "POST", base, headers=world.alice, json=hook)
    for wanted, text in ((1, "new branch"), (2, "more commits")):
        world.commit(text)
        world.push("alice", "master:hooked")
        wait_until(lambda wanted=wanted: len(received) == wanted)  # type: ignore[misc]
    site.record("webhooks of two pushes", heard=received)
    server.shutdown()
    server.server_close()
