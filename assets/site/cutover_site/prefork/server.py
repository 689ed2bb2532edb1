"""The prefork worker: `python3 -m cutover_site.prefork.server`, run by cutover-attendant.service.

It loads every verb, this machine's facts and the secrets of its role once, then forks for each command. A verb cannot change the worker's
own state, because the verb runs in the fork.
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

from cutover_site import cli
from cutover_site.machine import Machine
from cutover_site.prefork import protocol
from cutover_site.prefork.preload import preload
from cutover_site.verbs import ALL

LOG = logging.getLogger(__name__)
RunVerb = Callable[[list[str]], int]


def listen(path: Path) -> socket.socket:
    """Return a listening socket at `path` that only root can connect to."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = protocol.create_socket()
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(16)
    return listener


def serve_forever(listener: socket.socket, run: RunVerb) -> None:
    """Run each command in a fork until this process is ended. Each fork has its own process group, which ends with the command's caller."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks: each sends its exit code to its caller
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            os._exit(_run_request(connection, run))
        connection.close()


def _run_request(connection: socket.socket, run: RunVerb) -> int:
    """Run one command, in the fork. Return the exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    request = protocol.receive_request(connection)
    if request is None:
        return 1
    arguments, stdout, stderr = request
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    threading.Thread(target=_end_with_caller, args=(connection,), daemon=True).start()
    try:
        code = run(arguments)
    except SystemExit as ended:  # wrong usage
        code = ended.code if isinstance(ended.code, int) else 2
    sys.stdout.flush()
    sys.stderr.flush()
    protocol.send_exit_code(connection, code)
    return code


def _end_with_caller(connection: socket.socket) -> None:
    """Kill this process group when the caller ends: a time limit ends the caller, and must end the verb and its child processes too."""
    if not connection.recv(1):
        os.killpg(0, signal.SIGKILL)


def notify_ready() -> None:
    """Report to systemd that the worker takes commands (sd_notify(3))."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.connect("\0" + address[1:] if address.startswith("@") else address)
            notify.send(b"READY=1")


def main() -> None:
    """Preload, listen, report readiness and serve."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    machine = Machine()
    preload(machine)
    parser = cli.build_parser(ALL, cli.list_ports(machine))  # 14 ms, which each fork would need
    with listen(Path(protocol.SOCKET)) as listener:
        notify_ready()
        serve_forever(listener, lambda arguments: cli.main(ALL, arguments, machine, parser))


if __name__ == "__main__":
    main()
