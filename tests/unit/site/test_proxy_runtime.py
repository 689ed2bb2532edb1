"""What HAProxy's master returns for a worker that it cannot reach is never taken for the worker's response."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cutover_site.proxy.runtime import ProxyError, Runtime

UNREACHABLE = "Can't connect to the target CLI!\n"
UNKNOWN = "Can't find the target PID matching the prefix '@!7'\n"
STATISTICS = "# pxname,svname,scur\napplication_reads,BACKEND,{}\n"
BUSY = "0x1: proto=tcpv4 src=10.0.0.1:1 fe=site be=application_reads srv=application ts=00 age=1s\n"


class Master:
    """The socket of a master process with prepared responses; the last one of a command is repeated."""

    def __init__(self, path: Path) -> None:
        self.workers = ["7"]
        self.responses: dict[str, list[str]] = {}
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(path))
        self._server.listen(8)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._server.accept()
            with connection:
                command = connection.makefile().readline().strip()
                if command == "end":
                    return
                connection.sendall(self._respond(command).encode())

    def _respond(self, command: str) -> str:
        if command == "show proc":
            return "# workers\n" + "".join(f"{pid} worker 0 0d00h00m01s 2.6.12\n" for pid in self.workers)
        left = self.responses[command]
        response = left.pop(0) if len(left) > 1 else left[0]
        if response == UNKNOWN:
            self.workers.remove("7")
        return response

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(self._server.getsockname())
            connection.sendall(b"end\n")
        self._thread.join()
        self._server.close()


@pytest.fixture
def master(tmp_path: Path) -> Iterator[Master]:
    server = Master(tmp_path / "m")
    yield server
    server.close()


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    return Runtime(tmp_path / "m", timeout=0.5)


def test_sessions_of_a_worker_are_counted_when_the_master_reaches_it_again(master: Master, runtime: Runtime) -> None:
    master.responses["@!7 show stat"] = [UNREACHABLE, UNREACHABLE, STATISTICS.format(3)]
    assert runtime.count_sessions("application_reads") == 3


def test_a_worker_that_cannot_be_reached_is_not_idle(master: Master, runtime: Runtime) -> None:
    master.responses["@!7 show sess"] = [UNREACHABLE, BUSY]
    assert not runtime.is_idle(7)


def test_a_worker_that_stays_unreachable_is_an_error(master: Master, runtime: Runtime) -> None:
    master.responses["@!7 show sess all"] = [UNREACHABLE]
    with pytest.raises(ProxyError, match="worker 7 does not respond"):
        runtime.list_sessions(["application_reads"])


def test_a_worker_that_has_ended_is_left_out(master: Master, runtime: Runtime) -> None:
    master.workers = ["7", "8"]
    master.responses = {"@!7 show sess": [UNKNOWN], "@!8 show sess": [BUSY]}
    assert runtime.query("show sess") == {8: BUSY.strip()}
