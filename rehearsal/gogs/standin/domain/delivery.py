"""Delivers what waits in `hook_task`: at start everything, later whenever something is told to wait."""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pymysql

from ..config.config import Config
from ..store.database import Database, Row
from . import clock

_log = logging.getLogger(__name__)
_SUCCEEDED, _FAILED = 1, 2


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object, **_options: object) -> None:
        """Never followed: it would send the signed content somewhere else."""
        return


class Deliveries:
    """One thread that sleeps until it is told that something waits."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config, self._database = config, database
        self._waiting = threading.Event()
        self._waiting.set()
        context = ssl.create_default_context() if config.deliver_verified else ssl._create_unverified_context()
        self._opener = urllib.request.build_opener(_NoRedirect(), urllib.request.HTTPSHandler(context=context))

    def start(self) -> None:
        threading.Thread(target=self._run, name="webhooks", daemon=True).start()

    def tell(self) -> None:
        self._waiting.set()

    def _run(self) -> None:
        while True:
            self._waiting.wait()
            self._waiting.clear()
            try:
                with self._database.session() as db:
                    waiting = db.all("SELECT * FROM hook_task WHERE is_delivered = 0 ORDER BY id")
                for task in waiting:
                    self._deliver(task)
            except pymysql.MySQLError as error:
                _log.error("DeliverHooks: %s", error)

    def _deliver(self, task: Row) -> None:
        host = urllib.parse.urlsplit(task["url"]).hostname or ""
        if blocked(host, self._config.local_network_allowlist):
            refusal = '{"body": "Payload URL resolved to a local network address that is implicitly blocked."}'
            with self._database.session() as db:
                db.run("UPDATE hook_task SET response_content = %s WHERE id = %s", refusal, task["id"])
            return
        answer = self._send(task)
        good = answer.get("status", 0) // 100 == 2
        with self._database.session() as db:
            db.run(
                "UPDATE hook_task SET is_delivered = 1, delivered = %s, is_succeed = %s, response_content = %s WHERE id = %s",
                time.time_ns(), int(good), json.dumps(answer), task["id"],
            )  # fmt: skip
            status = _SUCCEEDED if good else _FAILED
            db.run(
                "UPDATE webhook SET last_status = %s, updated_unix = %s WHERE id = %s",
                status,
                clock.now(),
                task["hook_id"],
            )

    def _send(self, task: Row) -> dict[str, Any]:
        content = task["payload_content"].encode()
        form = task["content_type"] == 2
        request = urllib.request.Request(
            task["url"],
            data=urllib.parse.urlencode({"payload": content}).encode() if form else content,
            headers={
                "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
                "X-Github-Delivery": task["uuid"],
                "X-Github-Event": task["event_type"],
                "X-Gogs-Delivery": task["uuid"],
                "X-Gogs-Signature": task["signature"],
                "X-Gogs-Event": task["event_type"],
            },
        )
        try:
            with self._opener.open(request, timeout=self._config.deliver_seconds) as answer:
                return {
                    "status": answer.status,
                    "headers": dict(answer.headers),
                    "body": answer.read().decode(errors="replace"),
                }
        except urllib.error.HTTPError as error:
            return {"status": error.code, "headers": dict(error.headers), "body": error.read().decode(errors="replace")}
        except (OSError, http.client.HTTPException, ValueError) as error:
            return {"status": 0, "headers": {}, "body": f"Delivery: {error}"}


def blocked(host: str, allowed: tuple[str, ...]) -> bool:
    """Loopback and private networks, unless app.ini allows the host. A name that does not resolve is not blocked here."""
    if host in allowed or "*" in allowed:
        return False
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    addresses = [ipaddress.ip_address(str(address).partition("%")[0]) for address in found]
    return any(address.is_private or address.is_loopback or address.is_link_local for address in addresses)
