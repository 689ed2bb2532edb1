"""The mirror's HTTP server on 127.0.0.1:B+2: /debian/ (packages), /downloads/ (files of <home>/downloads).

It is also where the rehearsal's discovery agents register; a GET of the same address lists them.
"""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rehearsal.component import HEALTH

DISCOVERY_REGISTRY = "/discovery/agents"
_LARGEST = 64 << 10


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, folders: dict[str, Path]) -> None:
        super().__init__(("127.0.0.1", port), partial(_Handler, folders=folders))
        self.agents: dict[str, object] = {}


class _Handler(SimpleHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 120.0

    def __init__(self, *args: object, folders: dict[str, Path]) -> None:
        self.folders = folders
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        match urlsplit(self.path).path:
            case path if path == HEALTH:
                self._respond(200)
            case path if path == DISCOVERY_REGISTRY:
                self._respond(200, json.dumps(list(self.server.agents.values())).encode())
            case _:
                super().do_GET()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if urlsplit(self.path).path != DISCOVERY_REGISTRY or not length.isdecimal() or int(length) > _LARGEST:
            self._respond(404)
            return
        try:
            agent = json.loads(self.rfile.read(int(length)))
            self.server.agents[agent["agentId"]] = agent
        except (ValueError, KeyError, TypeError):
            self._respond(400)
        else:
            self._respond(200)

    def _respond(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def translate_path(self, path: str) -> str:
        """Return the file of a URL. A path that leads out of the two folders names nothing."""
        top, _, rest = unquote(urlsplit(path).path).lstrip("/").partition("/")
        folder = self.folders.get(top)
        if folder is None:
            return "/nonexistent"
        file = (folder / rest).resolve()
        return str(file) if file.is_relative_to(folder.resolve()) else "/nonexistent"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing, because there are hundreds of packages."""


class Downloads:
    """Serves until closed. Raises OSError when the port is in use."""

    def __init__(self, port: int, *, debian: Path, downloads: Path) -> None:
        downloads.mkdir(parents=True, exist_ok=True)
        folders = {"debian": debian, "downloads": downloads}
        self._server = _Server(port, folders)
        threading.Thread(target=self._server.serve_forever, name="downloads", daemon=True).start()

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()
