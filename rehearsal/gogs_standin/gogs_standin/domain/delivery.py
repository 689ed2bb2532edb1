"""Deliver the webhooks that wait in `hook_task`: all at the start, then after each notification.

A notification is an empty datagram on a socket in this machine's work space. A request's thread and the process of an SSH
session can both send one.
"""

from __future__ import annotations

import http.client
import json
import logging
import socket
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pymysql

from ..config.config import Config
from ..store.database import Database, Row
from . import clock, networks, webhooks

_log = logging.getLogger(__name__)
_SUCCEEDED, _FAILED = 1, 2
_SOCKET = "webhooks.sock"
_BLOCKED = json.dumps({"body": "Payload URL resolved to a local network address that is implicitly blocked."})


def notify(config: Config) -> None:
    """Notify the server that a webhook waits. A server that does not run delivers it after its next start."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        try:
            bell.sendto(b"", str(config.tmp / _SOCKET))
        except BlockingIOError:
            return  # enough notifications are already waiting
        except OSError as error:
            _log.warning("webhooks wait for the next start: %s", error)


class Deliveries:
    """The thread that delivers. It sleeps until a notification arrives."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config, self._database = config, database
        context = ssl.create_default_context()
        if config.deliver_unverified:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._opener = urllib.request.build_opener(_NoRedirect(), urllib.request.HTTPSHandler(context=context))

    def start(self) -> None:
        """Start the thread. Raises OSError when the socket cannot be created in the work space."""
        bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bell.bind(str(self._config.tmp / _SOCKET))
        threading.Thread(target=self._run, args=(bell,), name="webhooks", daemon=True).start()

    def _run(self, bell: socket.socket) -> None:
        while True:
            try:
                self._deliver_all()
            except pymysql.MySQLError as error:
                _log.error("webhooks wait, the database does not answer: %s", error)
            bell.recv(1)

    def _deliver_all(self) -> None:
        with self._database.open_session() as db:
            waiting = db.fetch_all("SELECT * FROM hook_task WHERE is_delivered = 0 ORDER BY id")
        for task in waiting:
            if self._is_blocked(task["url"]):
                with self._database.open_session() as db:
                    db.run("UPDATE hook_task SET response_content = %s WHERE id = %s", _BLOCKED, task["id"])
                continue
            answer = self._send(task)
            good = 200 <= answer["status"] < 300
            with self._database.open_session() as db:
                db.run(
                    "UPDATE hook_task SET is_delivered = 1, delivered = %s, is_succeed = %s, response_content = %s WHERE id = %s",
                    clock.now(), int(good), json.dumps(answer), task["id"],
                )  # fmt: skip
                status = _SUCCEEDED if good else _FAILED
                db.run("UPDATE webhook SET last_status = %s WHERE id = %s", status, task["hook_id"])

    def _is_blocked(self, url: str) -> bool:
        """Return whether the URL is in a local network that is not allowed.

        Such a task waits, as in Gogs: the next start with another LOCAL_NETWORK_ALLOWLIST delivers it.
        """
        host = urllib.parse.urlsplit(url).hostname or ""
        return networks.is_internal(host) and not {host, "*"} & set(self._config.local_network_allowlist)

    def _send(self, task: Row) -> dict[str, Any]:
        """Return status and body of the response; status 0 and the reason without a response."""
        try:
            with self._opener.open(_request(task), timeout=self._config.deliver_seconds) as answer:
                return {"status": answer.status, "body": answer.read().decode(errors="replace")}
        except urllib.error.HTTPError as error:
            return {"status": error.code, "body": error.read().decode(errors="replace")}
        except (OSError, http.client.HTTPException, ValueError) as error:
            return {"status": 0, "body": str(error)}


def _request(task: Row) -> urllib.request.Request:
    content, kind = task["payload_content"].encode(), "application/json"
    if webhooks.read_form(task) == "form":
        content, kind = urllib.parse.urlencode({"payload": content}).encode(), "application/x-www-form-urlencoded"
    headers = {
        "Content-Type": kind,
        "User-Agent": "GogsServer",
        "X-Github-Delivery": task["uuid"],
        "X-Github-Event": task["event_type"],
        "X-Gogs-Delivery": task["uuid"],
        "X-Gogs-Event": task["event_type"],
        "X-Gogs-Signature": task["signature"],
    }
    return urllib.request.Request(task["url"], data=content, headers=headers)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object, **_options: object) -> None:
        """Follow no redirect, because it would send the signed content to another address."""
        return
