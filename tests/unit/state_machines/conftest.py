"""The emulator that the rehearsal is built on, alone, with nothing of the rehearsal in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

START_SECONDS = 40
QUIET = {
    "BIND_HOST": "127.0.0.1",
    "MINISTACK_HOST": "127.0.0.1",
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "PERSIST_STATE": "0",
    "LOG_LEVEL": "ERROR",
    "SFN_WAIT_SCALE": "0.01",
}


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    folder = str(tmp_path_factory.mktemp("ministack"))
    unpacks_here = {"TMPDIR": folder, "STATE_DIR": folder}
    environment = {**os.environ, **QUIET, **unpacks_here, "GATEWAY_PORT": str(port), "AWS_ENDPOINT_URL": url}
    process = subprocess.Popen(
        [sys.executable, "-m", "ministack"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the emulator ended"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except urllib.error.HTTPError:
            return  # it responds
        except OSError:
            assert time.monotonic() < deadline, "the emulator does not respond"
            time.sleep(0.1)
