"""The messages between a command and the prefork worker, over a Unix socket that preserves message boundaries (SOCK_SEQPACKET).

command -> worker: the arguments as JSON, with the descriptors of the command's standard output and standard error
worker -> command: the exit code as a decimal number; the worker closes the connection without a message when the verb's process died
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

SOCKET = Path("/run/cutover/attendant.sock")
MAX_MESSAGE_BYTES = 65536


def create_socket() -> socket.socket:
    """Return a new socket for either side."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_request(connection: socket.socket, arguments: list[str], stdout: int, stderr: int) -> int | None:
    """Send a command, wait for its end, return its exit code. None when the verb's process died. `stdout`, `stderr`: file descriptors."""
    socket.send_fds(connection, [json.dumps(arguments).encode()], [stdout, stderr])
    response = connection.recv(MAX_MESSAGE_BYTES)
    return int(response) if response else None


def receive_request(connection: socket.socket) -> tuple[list[str], int, int] | None:
    """Return arguments, standard output and standard error of a command; None for a message that is not valid."""
    message, descriptors, _, _ = socket.recv_fds(connection, MAX_MESSAGE_BYTES, 2)
    try:
        arguments = json.loads(message)
        stdout, stderr = descriptors
    except ValueError:
        return None
    return [str(argument) for argument in arguments], stdout, stderr


def send_exit_code(connection: socket.socket, code: int) -> None:
    """Send the exit code of a verb to its caller."""
    connection.send(str(code).encode())
