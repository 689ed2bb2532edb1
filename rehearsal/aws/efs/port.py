"""Keep a port open that can be reached, and sends nothing."""

from __future__ import annotations

import socket
import threading

from rehearsal.world import namespaces


class ListeningPort:
    """Accepts connections inside a namespace and ends each at once. Raises OSError when the port is taken."""

    def __init__(self, namespace: str, port: int) -> None:
        self._socket = namespaces.run_inside(namespace, lambda: socket.create_server(("0.0.0.0", port), backlog=64))
        threading.Thread(target=self._serve, name=f"port-{namespace}-{port}", daemon=True).start()

    def close(self) -> None:
        """Close the port. A thread that waits in accept is woken only by a shutdown."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.close()
