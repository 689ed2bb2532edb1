"""The mirror's HTTP server on 127.0.0.1:B+2: /debian/ (packages) and /downloads/ (files of <home>/downloads)."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rehearsal.components import HEALTH


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 120.0

    def __init__(self, *args: object, folders: dict[str, Path]) -> None:
        self.folders = folders
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if urlsplit(self.path).path != HEALTH:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def translate_path(self, path: str) -> str:
        """The file for a URL; a path that leads out of the two folders names nothing."""
        top, _, rest = unquote(urlsplit(path).path).lstrip("/").partition("/")
        folder = self.folders.get(top)
        if folder is None:
            return "/nonexistent"
        file = (folder / rest).resolve()
        return str(file) if file.is_relative_to(folder.resolve()) else "/nonexistent"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Hundreds of packages are nobody's news."""


class Downloads:
    """Serves until closed. Raises OSError when the port is in use."""

    def __init__(self, port: int, *, debian: Path, downloads: Path) -> None:
        downloads.mkdir(parents=True, exist_ok=True)
        folders = {"debian": debian, "downloads": downloads}
        self._server = _Server(("127.0.0.1", port), partial(_Handler, folders=folders))
        threading.Thread(target=self._server.serve_forever, name="downloads", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
