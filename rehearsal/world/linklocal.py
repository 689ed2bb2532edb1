"""What answers inside every endpoint's namespace although it is served outside: metadata, DNS, relays to the host.

169.254.169.254:80 metadata, 169.254.169.253:53 DNS, 127.0.0.1:B, B+1 and B+2 relays to the same ports of the host.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rehearsal.settings import Settings
from rehearsal.world import dns, metadata, namespaces, relay
from rehearsal.world.network import METADATA_IP, RESOLVER_IP
from rehearsal.world.provider import Answer, Provider


@dataclass
class _Served:
    tasks: list[concurrent.futures.Future[None]] = field(default_factory=list)
    metadata: metadata.MetadataServer | None = None


class LinkLocal:
    """All services of all endpoints, on one event loop in a thread of the owner. Thread-safe."""

    def __init__(self, settings: Settings, provider: Provider) -> None:
        self.settings = settings
        self._provider = provider
        self._served: dict[str, _Served] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        # The provider may block, and one endpoint's question must not keep the others waiting.
        self._loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(32, "linklocal"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="linklocal", daemon=True)
        self._thread.start()

    def serve(self, endpoint: str) -> None:
        """Start all services of an attached endpoint."""
        namespace = self.settings.namespace(endpoint)
        ports = (self.settings.aws_port, self.settings.console_port, self.settings.mirror_port)
        sockets = namespaces.inside(namespace, partial(_sockets, ports))
        served = _Served(metadata=metadata.MetadataServer(sockets.http, partial(self._tree, endpoint)))
        resolve = partial(self._resolve, endpoint)
        served.tasks.append(self._start(dns.serve_udp(sockets.udp, resolve)))
        served.tasks.append(self._start(_serve_tcp(sockets.tcp, resolve)))
        for port, server in sockets.relays.items():
            served.tasks.append(self._start(relay.serve(server, relay.to_host(port))))
        with self._lock:
            self._served[endpoint] = served

    def forget(self, endpoint: str) -> None:
        """End the services of an endpoint; harmless when it has none."""
        with self._lock:
            served = self._served.pop(endpoint, None)
        if served is None:
            return
        _end(served.tasks)
        if served.metadata:
            served.metadata.close()

    def expose(self, port: int, endpoint: str, target: Callable[[], tuple[str, int] | None]) -> None:
        """Listen on 127.0.0.1:port of the host and connect, from inside `endpoint`, to target()."""
        namespace = self.settings.namespace(endpoint)
        make = partial(namespaces.inside, namespace, partial(socket.socket, socket.AF_INET, socket.SOCK_STREAM))
        server = relay.listening("127.0.0.1", port)
        task = self._start(relay.serve(server, relay.through(make, target)))
        with self._lock:
            self._served[f"port {port}"] = _Served(tasks=[task])

    def close(self) -> None:
        """End everything."""
        for endpoint in list(self._served):
            self.forget(endpoint)
        asyncio.run_coroutine_threadsafe(self._loop.shutdown_default_executor(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> concurrent.futures.Future[None]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _tree(self, endpoint: str) -> metadata.Tree | None:
        identity = self._provider.identity(endpoint)
        if identity is None:
            return None
        return metadata.tree(identity, partial(self._provider.credentials, endpoint))

    def _resolve(self, endpoint: str, name: str, kind: str) -> list[Answer] | None:
        return self._provider.resolve(name, kind, endpoint)


@dataclass
class _Sockets:
    http: socket.socket
    udp: socket.socket
    tcp: socket.socket
    relays: dict[int, socket.socket]


def _sockets(ports: tuple[int, ...]) -> _Sockets:
    """Called inside the endpoint's namespace."""
    http = relay.listening(METADATA_IP, 80)
    http.setblocking(True)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((RESOLVER_IP, 53))
    udp.setblocking(False)
    relays = {port: relay.listening("127.0.0.1", port) for port in ports}
    return _Sockets(http, udp, relay.listening(RESOLVER_IP, 53), relays)


async def _serve_tcp(server: socket.socket, resolve: dns.Resolve) -> None:
    listener = await asyncio.start_server(partial(dns.answer_tcp, resolve=resolve), sock=server)
    async with listener:
        await listener.serve_forever()


def _end(tasks: list[concurrent.futures.Future[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(concurrent.futures.CancelledError, OSError):
            task.result(10)
