"""Tiny: pages with one picture each.

`tiny.py serve` serves HTTP, `tiny.py work` sends pending mail, and `tiny.py user NAME` adds a user with the password
from standard input.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pymysql.err import MySQLError
from store import PICTURES, Store

SETTINGS = Path("/etc/tiny/settings.json")
ADDRESS = ("127.0.0.1", 9000)
WORK_SECONDS = 0.2


class Handler(BaseHTTPRequestHandler):
    """Serves GET /alive, /pages and /pictures/NAME to everyone, and POST /pages?title=… and DELETE /pages/N to
    users.
    """

    store: Store

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/alive":
            self._send_health()
        elif path == "/pages":
            self._send(200, {"pages": self.store.list_pages()})
        elif path.startswith("/pictures/") and (file := PICTURES / Path(path).name).is_file():
            self._send_bytes(200, file.read_bytes(), "application/octet-stream")
        else:
            self._send(404, {"message": "there is no such page"})

    def do_POST(self) -> None:
        address = urlsplit(self.path)
        picture = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self._is_signed_in():
            self._send(401, {"message": "sign in"})
        elif address.path != "/pages":
            self._send(404, {"message": "there is no such page"})
        else:
            title = parse_qs(address.query).get("title", [""])[0]
            self._send(201, {"id": self.store.add_page(title, picture)})

    def do_DELETE(self) -> None:
        number = urlsplit(self.path).path.rpartition("/")[2]
        if not self._is_signed_in():
            self._send(401, {"message": "sign in"})
        elif not number.isdigit():
            self._send(404, {"message": "there is no such page"})
        else:
            self.store.remove_page(int(number))
            self._send(200, {"id": int(number)})

    def _is_signed_in(self) -> bool:
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        name, _, password = base64.b64decode(given).decode().partition(":") if kind == "Basic" else ("", "", "")
        return bool(name) and self.store.is_user(name, password)

    def _send_health(self) -> None:
        try:
            self.store.list_pages()
        except MySQLError as error:
            self._send(503, {"database": False, "reason": str(error)})
        else:
            self._send(200, {"database": True})

    def _send(self, status: int, document: object) -> None:
        self._send_bytes(status, json.dumps(document).encode(), "application/json")

    def _send_bytes(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(command: str, name: str = "") -> None:
    store = Store.load(SETTINGS)
    if command == "user":
        store.add_user(name, sys.stdin.readline().rstrip("\n"))
    elif command == "work":
        while True:
            if store.is_background_allowed:
                store.work()
            threading.Event().wait(WORK_SECONDS)
    elif command == "serve":
        store.create_tables()
        Handler.store = store
        ThreadingHTTPServer(ADDRESS, Handler).serve_forever()
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
