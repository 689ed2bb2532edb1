"""Services outside of the endpoints that every endpoint reaches: metadata, DNS, relays to the host.

169.254.169.254:80 (metadata) and 169.254.169.253:53 (DNS) listen in the router, so that they use no port of a machine.
There the address of the sender identifies the machine. 127.0.0.1:B, B+1 and B+2 listen in each namespace. The local AWS
also listens on the internet side, with TLS (tls_front).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from rehearsal.settings import Settings
from rehearsal.world import dns, metadata, namespaces, relay, tls_front
from rehearsal.world.network import AWS_IP, RESOLVER_IP, Network
from rehearsal.world.provider import Answer, Provider
from rehearsal.world.ruleset import METADATA_IP

_Tasks = list[concurrent.futures.Future[None]]


class LinkLocal:
    """All services of all endpoints, on one event loop in a thread of the owner. Thread-safe."""

    def __init__(self, settings: Settings, network: Network, provider: Provider) -> None:
        self.settings = settings
        self._network, self._provider = network, provider
        self._tasks: dict[str, _Tasks] = {}
        self._metadata: list[metadata.MetadataServer] = []
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        # The provider may block, and one endpoint's question must not keep the others waiting.
        self._loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(32, "linklocal"))
        self._thread = threading.Thread(target=self._loop.run_forever, name="linklocal", daemon=True)
        self._thread.start()
        for hub in network.create_hubs():
            http, udp, tcp = namespaces.run_inside(hub, _open_hub_sockets)
            self._metadata.append(metadata.MetadataServer(http, self._build_tree))
            self._tasks[hub] = [
                self._start(dns.serve_udp(udp, self._resolve)),
                self._start(_serve_tcp(tcp, self._resolve)),
            ]

    def serve(self, endpoint: str) -> None:
        """Start the relays of an attached endpoint."""
        ports = (self.settings.aws_port, self.settings.console_port, self.settings.mirror_port)
        sockets = namespaces.run_inside(
            self.settings.name_namespace(endpoint), lambda: [relay.open_listener("127.0.0.1", port) for port in ports]
        )
        tasks = [
            self._start(relay.serve(server, relay.connect_to_host(port)))
            for port, server in zip(ports, sockets, strict=True)
        ]
        with self._lock:
            self._tasks[endpoint] = tasks

    def end_relays(self, endpoint: str) -> None:
        """End the relays of an endpoint; harmless when it has none."""
        with self._lock:
            tasks = self._tasks.pop(endpoint, [])
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(concurrent.futures.CancelledError, OSError):
                task.result(10)

    def expose(self, port: int, endpoint: str, target: Callable[[], tuple[str, int] | None]) -> None:
        """Listen on 127.0.0.1:port of the host and connect, from inside `endpoint`, to target()."""
        namespace = self.settings.name_namespace(endpoint)
        make = partial(namespaces.run_inside, namespace, partial(socket.socket, socket.AF_INET, socket.SOCK_STREAM))
        server = relay.open_listener("127.0.0.1", port)
        task = self._start(relay.serve(server, relay.connect_through(make, target)))
        with self._lock:
            self._tasks[f"port {port}"] = [task]

    def publish(self, context: ssl.SSLContext) -> str:
        """Serve the local AWS with TLS on the internet side, on the port of HTTPS; return the address. For one caller."""
        make = partial(relay.open_listener, AWS_IP, tls_front.PORT)
        server = namespaces.run_inside(self._network.internet, make)
        task = self._start(tls_front.serve(server, context, self.settings.aws_port))
        with self._lock:
            self._tasks["aws"] = [task]
        return AWS_IP

    def close(self) -> None:
        """End everything."""
        for server in self._metadata:
            server.close()
        for endpoint in list(self._tasks):
            self.end_relays(endpoint)
        asyncio.run_coroutine_threadsafe(self._loop.shutdown_default_executor(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> concurrent.futures.Future[None]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _build_tree(self, address: str) -> metadata.Tree | None:
        endpoint = self._network.find_endpoint(address)
        identity = None if endpoint is None else self._provider.find_identity(endpoint)
        if endpoint is None or identity is None:
            return None
        return metadata.build_tree(identity, partial(self._provider.find_credentials, endpoint))

    def _resolve(self, name: str, kind: str, address: str) -> list[Answer] | None:
        endpoint = self._network.find_endpoint(address)
        return None if endpoint is None else self._provider.resolve(name, kind, endpoint)


def _open_hub_sockets() -> tuple[socket.socket, socket.socket, socket.socket]:
    """Open the sockets of metadata, DNS over UDP and DNS over TCP. It is called inside a hub's namespace."""
    http = relay.open_listener(METADATA_IP, 80)
    http.setblocking(True)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((RESOLVER_IP, 53))
    udp.setblocking(False)
    return http, udp, relay.open_listener(RESOLVER_IP, 53)


async def _serve_tcp(server: socket.socket, resolve: dns.Resolve) -> None:
    listener = await asyncio.start_server(partial(dns.answer_tcp, resolve=resolve), sock=server)
    async with listener:
        await listener.serve_forever()
