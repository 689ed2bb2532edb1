"""Commands in the forks of the worker: the caller gets their output and exit code, and they end with the caller."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cutover_site.prefork import protocol
from cutover_site.prefork.client import run_in_worker

ASSETS = Path(__file__).parents[3] / "assets/site"
SERVER = """
import os, sys, time
from pathlib import Path
from cutover_site.prefork import server

def run(arguments):
    print("output", *arguments, flush=True)
    if arguments[0] == "wait":
        Path(arguments[1]).write_text(str(os.getpid()))
        time.sleep(60)
    return int(arguments[-1])

listener = server.listen(Path(sys.argv[1]))
print("up", flush=True)
server.serve_forever(listener, run)
"""
CALLER = "import sys; from cutover_site.prefork.client import run_in_worker; print('code', run_in_worker(sys.argv[2:], sys.argv[1]))"


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ASSETS)},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def socket_path(tmp_path: Path) -> Path:
    return tmp_path / "run/worker.sock"


@pytest.fixture
def worker(socket_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = python(SERVER, str(socket_path))
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_caller_gets_output_and_exit_code(worker: subprocess.Popen[str], socket_path: Path) -> None:
    for code in ("0", "3"):
        with python(CALLER, str(socket_path), "verb", code) as caller:
            output, _ = caller.communicate(timeout=20)
        assert output.splitlines() == [f"output verb {code}", f"code {code}"]
    assert worker.poll() is None


def exchange(message: bytes, descriptors: list[int]) -> tuple[list[str], int, int] | None:
    sender, receiver = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with sender, receiver:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * protocol.MAX_MESSAGE_BYTES)
        socket.send_fds(sender, [message], descriptors)
        return protocol.receive_request(receiver)


@pytest.mark.parametrize("arguments", [["verb", "", "two words", "a\nb", "h\udce9"], []])
def test_the_worker_gets_the_arguments_unchanged(arguments: list[str]) -> None:
    request = exchange(b"".join(os.fsencode(one) + b"\0" for one in arguments), [0, 1])
    assert request is not None
    assert request[0] == arguments
    for descriptor in request[1:]:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("message", "descriptors"),
    [(b"verb", 2), (b"verb\0part", 2), (b"verb\0", 1), (b"a\0" * protocol.MAX_MESSAGE_BYTES, 2)],
)
def test_a_message_that_is_not_complete_is_no_command(message: bytes, descriptors: int) -> None:
    assert exchange(message, [0, 1][:descriptors]) is None


def test_only_root_has_access_to_the_socket(worker: subprocess.Popen[str], socket_path: Path) -> None:
    assert worker.poll() is None
    assert socket_path.stat().st_mode & 0o777 == 0o600
    assert socket_path.parent.stat().st_mode & 0o777 == 0o700


def wait_for_verb(caller: subprocess.Popen[str], pid_file: Path) -> int:
    """Wait until the verb runs, and return its process id."""
    assert caller.stdout is not None
    caller.stdout.readline()
    deadline = time.monotonic() + 20
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return int(pid_file.read_text())


def test_a_verb_ends_with_its_caller(worker: subprocess.Popen[str], socket_path: Path, tmp_path: Path) -> None:
    # Given a running command
    pid_file = tmp_path / "pid"
    with python(CALLER, str(socket_path), "wait", str(pid_file), "0") as caller:
        verb = os.pidfd_open(wait_for_verb(caller, pid_file))
        # When the caller is killed, as at its time limit
        caller.kill()
    # Then the verb has ended too, and the worker still serves
    try:
        assert select.select([verb], [], [], 20)[0]
    finally:
        os.close(verb)
    with python(CALLER, str(socket_path), "verb", "0") as again:
        assert "code 0" in again.communicate(timeout=20)[0]
    assert worker.poll() is None


def test_the_caller_gets_no_exit_code_when_the_verb_is_killed(
    worker: subprocess.Popen[str], socket_path: Path, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    with python(CALLER, str(socket_path), "wait", str(pid_file), "0") as caller:
        os.kill(wait_for_verb(caller, pid_file), signal.SIGKILL)
        assert caller.communicate(timeout=20)[0] == "code None\n"
    assert worker.poll() is None


def test_there_is_no_result_without_a_worker(socket_path: Path) -> None:
    assert run_in_worker(["verb", "0"], str(socket_path)) is None
    socket_path.parent.mkdir()
    socket_path.touch()
    assert run_in_worker(["verb", "0"], str(socket_path)) is None


def test_the_modules_of_the_application_are_preloaded() -> None:
    """Otherwise, each fork would load them in the window."""
    code = """
import sys
from types import SimpleNamespace
from cutover_site.layout import Layout
from cutover_site.prefork import preload
from cutover_site.verbs import ALL

aws = SimpleNamespace(cache_secret=lambda _: None, close_connections=lambda: None, get_client=lambda _: None)
preload.preload(
    SimpleNamespace(roles=("target",), has_role=lambda one: one == "target", name="target i-1", layout=Layout(), replication={}, target={}, get_fact=str, aws=aws)
)
print("cutover_site.gogs.application" in sys.modules)
"""
    process = python(code)
    output, _ = process.communicate(timeout=30)
    assert output == "True\n"
