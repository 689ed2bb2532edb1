"""Serve the local AWS on 127.0.0.1: ministack with the rehearsal's own parts, over one world."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
from collections.abc import Callable

from hypercorn.asyncio import serve
from hypercorn.config import Config

from rehearsal.aws import environment
from rehearsal.aws.control import Application, Receive, Scope, Send
from rehearsal.component import HEALTH
from rehearsal.settings import Settings
from rehearsal.world import World

_KEEP_ALIVE = 75.0
_log = logging.getLogger("rehearsal.aws")


def run(settings: Settings) -> None:
    """Run the local AWS until SIGTERM or SIGINT, then remove the world except the files of the pool."""
    environment.apply(settings)
    _raise_limit_of_files()
    # ministack reads the environment when it is imported.
    from rehearsal.aws.assembly import assemble
    from rehearsal.aws.provider import Provider
    from rehearsal.aws.registry import build_application

    provider = Provider()
    with World(settings, provider, report=_log.info) as world, assemble(settings, world, provider) as cloud:
        asyncio.run(
            serve_until_stopped(settings, add_health(cloud.control.wrap(build_application())), cloud.faults.clear)
        )


def add_health(application: Application) -> Application:
    """Return an application that responds to health checks itself and passes all other requests to `application`."""

    async def handle_request(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == HEALTH:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
            await send({"type": "http.response.body", "body": b"ok\n"})
            return
        await application(scope, receive, send)

    return handle_request


async def serve_until_stopped(settings: Settings, application: Application, stopping: Callable[[], None]) -> None:
    """Serve until the process is stopped. `stopping` is called first: it releases every request that a fault holds."""
    config = Config()
    config.bind = [f"127.0.0.1:{settings.aws_port}"]
    config.keep_alive_timeout = _KEEP_ALIVE
    config.graceful_timeout = 0.25  # nobody waits for a response of a world that ends
    config.loglevel = "WARNING"
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def wait_until_stopped() -> None:
        await stop.wait()
        stopping()

    await serve(application, config, shutdown_trigger=wait_until_stopped)  # type: ignore[arg-type]  # any ASGI application


def _raise_limit_of_files() -> None:
    """Raise the limit of open files of this process: each machine needs about a dozen sockets."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
