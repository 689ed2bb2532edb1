"""Run the executable of a hook with a time limit, and keep the end of its output."""

from __future__ import annotations

import os
import pwd
import select
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cutover_site.errors import CommandFailed, Refused

MAX_OUTPUT_BYTES = 65_536
"""the end of the output that is kept"""
TERMINATION_SECONDS = 1.0
"""between SIGTERM and SIGKILL, after the time limit"""
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Ended:
    """How the executable ended. `exit_code` is negative for a signal, None after the time limit."""

    exit_code: int | None
    seconds: float
    output: str


def run(path: Path, payload: bytes, *, seconds: float, user: str = "root") -> Ended:
    """Run the executable with `payload` on its standard input. Its standard error is part of the output.

    After `seconds` its process group is ended. A process that it leaves in the background is not waited for.
    Raises Refused for an unknown user, CommandFailed when it cannot be started.
    """
    began = time.monotonic()
    account = _find_account(user)
    identity: dict[str, Any] = {}
    if account.pw_uid != os.geteuid():
        groups = os.getgrouplist(user, account.pw_gid)
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": groups}
    environment = {
        "PATH": SEARCH_PATH,
        "HOME": account.pw_dir,
        "USER": user,
        "LOGNAME": user,
        "LC_ALL": "C.UTF-8",
    }
    try:
        process = subprocess.Popen(
            [str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd="/",
            start_new_session=True,
            **identity,
        )
    except OSError as error:
        raise CommandFailed(f"{path} cannot be started: {error.strerror}") from error
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        _send(process.stdin, payload)
        output, ended = _read_until_exit(process, process.stdout.fileno(), began + seconds)
        if not ended:
            _end_group(process)
    return Ended(process.returncode if ended else None, time.monotonic() - began, output.decode(errors="replace"))


def _find_account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise Refused(
            f"this machine has no user {user}", next_action="name another user for the hook in migration.toml"
        ) from None


def _send(stdin: IO[bytes], payload: bytes) -> None:
    """Write the payload, which fits into a pipe, and close it. A hook need not read it."""
    with suppress(BrokenPipeError):
        stdin.write(payload)
        stdin.close()


def _read_until_exit(process: subprocess.Popen[bytes], pipe: int, deadline: float) -> tuple[bytes, bool]:
    """Return the end of the output, and whether the process ended before the deadline."""
    kept = b""
    os.set_blocking(pipe, False)
    exit_descriptor = os.pidfd_open(process.pid)
    waiting = [pipe, exit_descriptor]
    try:
        while (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select(waiting, [], [], left)
            read = _read_available(pipe) if ready else b""
            kept = (kept + read)[-MAX_OUTPUT_BYTES:]
            if exit_descriptor in ready:
                process.wait()
                return kept, True
            if pipe in ready and not read:
                waiting.remove(pipe)  # it has closed its output and runs on
    finally:
        os.close(exit_descriptor)
    return kept, False


def _read_available(pipe: int) -> bytes:
    """Return what the pipe has now, at most twice what a pipe can hold: a process in the background may write without end."""
    read = b""
    with suppress(BlockingIOError):
        while len(read) < 2 * MAX_OUTPUT_BYTES and (part := os.read(pipe, MAX_OUTPUT_BYTES)):
            read += part
    return read


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it has started. Waits for the process alone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(TERMINATION_SECONDS)
    process.wait()
