"""The console's process: serves until SIGTERM or SIGINT, then ends in order."""

from __future__ import annotations

import logging
import signal
import socket
import threading

from werkzeug.serving import WSGIRequestHandler, make_server

from rehearsal.cloudendure.app import create_app
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.ec2 import Ec2Cloud
from rehearsal.errors import RehearsalError

log = logging.getLogger(__name__)


class Handler(WSGIRequestHandler):
    """Keeps connections open, as the published console does; the application logs its calls itself."""

    protocol_version = "HTTP/1.1"
    timeout = 120

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: see app."""


def serve(settings: ConsoleSettings) -> int:
    """Returns the exit code. Raises RehearsalError when the port is taken, before anything is changed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with listening(settings.world.console_port) as listener:
        host, port = listener.getsockname()
        console = Console(settings, Ec2Cloud(settings.world))
        app = create_app(console)
        server = make_server(host, port, app, threaded=True, request_handler=Handler, fd=listener.fileno())

        def stop(*_: object) -> None:
            threading.Thread(target=server.shutdown, daemon=True).start()  # it waits for serve_forever to return

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        console.start()
        log.info("console on %s, state in %s", settings.world.console_url, settings.folder)
        server.serve_forever(poll_interval=0.5)
        console.end()
        server.server_close()
    return 0


def listening(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1. Raises RehearsalError when the port is in use."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise RehearsalError(
            f"Port {port} is in use: choose another REHEARSAL_PORT, or end what listens there."
        ) from error
    return listener
