"""The attendant: `python3 -m cutover_site.attendant.server`, run by cutover-attendant.service.

Loads every verb, this machine's facts and the secrets of its role once, then forks for each command. Nothing a verb does stays in it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from cutover_site.attendant import wire
from cutover_site.attendant.warm import warm
from cutover_site.cli import main
from cutover_site.machine import Machine
from cutover_site.verbs import ALL

LOG = logging.getLogger(__name__)
Run = Callable[[list[str]], int]


def listen(place: Path) -> socket.socket:
    """Root alone may reach it."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    listener = wire.endpoint()
    listener.bind(str(place))
    place.chmod(0o600)
    listener.listen(16)
    return listener


def attend(listener: socket.socket, run: Run) -> None:
    """Until the process is ended. Each command gets a fork of its own, in a process group that ends with the command's caller."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for forks: what they said went to their callers
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            os._exit(_serve(connection, run))
        connection.close()


def _serve(connection: socket.socket, run: Run) -> int:
    """In the fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    heard = wire.hear(connection)
    if heard is None:
        return 1
    arguments, output, errors = heard
    os.dup2(output, 1)
    os.dup2(errors, 2)
    threading.Thread(target=_end_with_caller, args=(connection,), daemon=True).start()
    try:
        code = run(arguments)
    except SystemExit as ended:  # wrong usage
        code = ended.code if isinstance(ended.code, int) else 2
    sys.stdout.flush()
    sys.stderr.flush()
    wire.tell(connection, code)
    return code


def _end_with_caller(connection: socket.socket) -> None:
    """Whoever bounds a command ends its caller; the verb and all that it started must end with it."""
    if not connection.recv(1):
        os.killpg(0, signal.SIGKILL)


def ready() -> None:
    """Tells systemd that commands may come."""
    if place := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect("\0" + place[1:] if place.startswith("@") else place)
            notify.send(b"READY=1")


def serve() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    machine = Machine()
    warm(machine)
    with listen(wire.SOCKET) as listener:
        ready()
        attend(listener, lambda arguments: main(ALL, arguments, machine))


if __name__ == "__main__":
    serve()
