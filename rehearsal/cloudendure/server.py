"""The console's process: serves until SIGTERM or SIGINT, then ends in order."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from cheroot import wsgi

from rehearsal.cloudendure.app import CONNECTION, create_app
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.console import Console
from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.ec2 import Ec2Cloud

THREADS, QUEUE, IDLE_SECONDS = 32, 128, 120
log = logging.getLogger(__name__)


class ConsoleServer(wsgi.Server):
    """Listens on 127.0.0.1 once it is prepared. The application is given when the console is there, before `serve`.

    It keeps connections open, as the published console does. The application logs its calls itself.
    """

    def __init__(self, port: int, application: Callable[..., Any] | None = None) -> None:
        super().__init__(
            ("127.0.0.1", port), application, numthreads=THREADS, request_queue_size=QUEUE, timeout=IDLE_SECONDS
        )
        self.gateway = _Gateway
        self.keep_alive_conn_limit = QUEUE

    @property
    def port(self) -> int:
        """The one that the system has chosen, when it was 0."""
        return int(self.bind_addr[1])

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Write what the server reports to the log."""
        log.log(level, "%s", msg, exc_info=traceback)


class _Gateway(wsgi.Gateway_10):
    """Gives the application the request's connection, so that a fault can close it."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # the stubs of cheroot declare None
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        return {**environ, CONNECTION: self.req.conn.socket}


def serve(settings: ConsoleSettings) -> int:
    """Serve until the process is stopped, and return the exit code. Raises RehearsalError when the port is taken, before anything is changed."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    server = ConsoleServer(settings.world.console_port)
    listen(server)
    console = Console(settings, Ec2Cloud(settings.world))
    server.wsgi_app = create_app(console)
    stopping = threading.Thread(
        target=server.stop
    )  # it waits for requests, so it cannot run in the handler of a signal

    first = threading.Lock()

    def stop(*_: object) -> None:
        if first.acquire(blocking=False):  # a second signal may come while the thread of the first one starts
            stopping.start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    console.start()
    log.info("console on %s, state in %s", settings.world.console_url, settings.folder)
    server.serve()
    stopping.join()
    console.end()
    return 0


def listen(server: ConsoleServer) -> None:
    """Bind the server's port. Raises RehearsalError when it is in use."""
    try:
        server.prepare()
    except OSError as error:
        raise RehearsalError(
            f"Port {server.port} is in use: choose another REHEARSAL_PORT, or end what listens there."
        ) from error
