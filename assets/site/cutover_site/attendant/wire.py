"""What a command and the attendant say to each other, over a socket that keeps messages whole.

command -> attendant: the arguments as JSON, with its standard output and standard error
attendant -> command: the exit code as a number; nothing, if whoever ran the verb died
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

SOCKET = Path("/run/cutover/attendant.sock")
LONGEST = 65536
"""bytes of one message"""


def endpoint() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def ask(connection: socket.socket, arguments: list[str], output: int, errors: int) -> int | None:
    """The exit code of the verb; None when there came none."""
    socket.send_fds(connection, [json.dumps(arguments).encode()], [output, errors])
    answer = connection.recv(LONGEST)
    return int(answer) if answer else None


def hear(connection: socket.socket) -> tuple[list[str], int, int] | None:
    """Arguments, standard output, standard error; None when the other side said nothing that can be used."""
    message, descriptors, _, _ = socket.recv_fds(connection, LONGEST, 2)
    try:
        arguments = json.loads(message)
        output, errors = descriptors
    except ValueError:
        return None
    return [str(word) for word in arguments], output, errors


def tell(connection: socket.socket, code: int) -> None:
    connection.send(str(code).encode())
