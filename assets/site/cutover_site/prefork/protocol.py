"""The messages between a command and the prefork worker, over a Unix socket that preserves message boundaries (SOCK_SEQPACKET).

command -> worker: the arguments, each with a null byte after it, with the descriptors of the command's standard output and standard error
worker -> command: the exit code as a decimal number; the worker closes the connection without a message when the verb's process died

Each command loads this module, while users wait for some of them. So it imports little: `json` and `pathlib` would double the start's CPU time.
"""

from __future__ import annotations

import os
import socket

SOCKET = "/run/cutover/attendant.sock"
MAX_MESSAGE_BYTES = 65536


def create_socket() -> socket.socket:
    """Return a new socket for either side."""
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_request(connection: socket.socket, arguments: list[str], stdout: int, stderr: int) -> int | None:
    """Send a command, wait for its end, return its exit code. None when the verb's process died. `stdout`, `stderr`: file descriptors."""
    message = b"".join(os.fsencode(argument) + b"\0" for argument in arguments)
    socket.send_fds(connection, [message], [stdout, stderr])
    response = connection.recv(MAX_MESSAGE_BYTES)
    return int(response) if response else None


def receive_request(connection: socket.socket) -> tuple[list[str], int, int] | None:
    """Return arguments, standard output and standard error of a command; None for a message that is not valid."""
    message, descriptors, flags, _ = socket.recv_fds(connection, MAX_MESSAGE_BYTES, 2)
    *arguments, rest = message.split(b"\0")
    if rest or flags & socket.MSG_TRUNC or len(descriptors) != 2:  # a part of a message, or one of another program
        return None
    stdout, stderr = descriptors
    return [os.fsdecode(argument) for argument in arguments], stdout, stderr


def send_exit_code(connection: socket.socket, code: int) -> None:
    """Send the exit code of a verb to its caller."""
    connection.send(str(code).encode())
