"""The access of all parts of a checkpoint to the running world and to the folder of the saved state."""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import supervise
from rehearsal.component import COMMANDS
from rehearsal.components import list_components
from rehearsal.environment import build_environment
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.settings import Settings

Json = dict[str, Any]
Report = Callable[[str], None]
POLL_SECONDS = 0.1
COMMAND_SECONDS = 180.0


@dataclass(frozen=True)
class CheckpointContext:
    """A world and the folder of a checkpoint. `report` gets one line for each part."""

    settings: Settings
    folder: Path
    report: Report

    def make_client(self, service: str) -> Any:
        """Return a client of the local AWS."""
        return _clients(self.settings)(service)

    def send_command(self, name: str, **values: Any) -> Json:
        """Send one command to the local AWS (rehearsal.aws.commands). Raises RehearsalError with its reason."""
        try:
            response = requests.post(f"{self.settings.aws_url}{COMMANDS}{name}", json=values, timeout=COMMAND_SECONDS)
        except requests.RequestException as error:
            raise RehearsalError(f"the local AWS at {self.settings.aws_url} does not respond: {error}") from None
        found: Json = response.json()
        if not response.ok:
            raise RehearsalError(str(found["reason"]))
        return found

    @contextmanager
    def time_part(self, name: str) -> Iterator[None]:
        """Report the seconds that the block takes."""
        began = time.monotonic()
        yield
        self.report(f"{name}: {time.monotonic() - began:.1f} s")

    def run_together(self, **works: Callable[[], Any]) -> Json:
        """Run all at the same time, each reported as a part, and return their results by name.

        Raises the first one's error, when all have ended.
        """

        def run_timed(name: str, work: Callable[[], Any]) -> Any:
            with self.time_part(name.replace("_", " ")):
                return work()

        with ThreadPoolExecutor(len(works)) as pool:
            begun = {name: pool.submit(run_timed, name, work) for name, work in works.items()}
        return {name: future.result() for name, future in begun.items()}

    def write(self, facts: Mapping[str, Any]) -> None:
        """Save the facts of the checkpoint."""
        half = self.folder / "facts.half"
        half.write_text(json.dumps(facts))
        half.replace(self.folder / "facts.json")

    def read(self) -> Json:
        """Return the saved facts."""
        found: Json = json.loads((self.folder / "facts.json").read_text())
        return found


@contextmanager
def require_service(settings: Settings) -> Iterator[None]:
    """Require a world that runs, and turn the errors of its APIs into one sentence. Raises RehearsalError."""
    aws = next(one for one in list_components(settings) if one.name == "aws")
    if not supervise.is_healthy(aws):
        raise RehearsalError(f"no world runs at {settings.aws_url}: `python -m rehearsal up` starts one.")
    try:
        yield
    except (ClientError, BotoCoreError, requests.RequestException) as error:
        raise RehearsalError(f"the world at {settings.aws_url} did not do what it was asked: {error}") from error


class _Clients:
    """The boto3 clients of a world. Creates each once, because that takes longer than its calls. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._aws, self._made, self._lock = Aws(build_environment(settings)), dict[str, Any](), threading.Lock()

    def __call__(self, service: str) -> Any:
        with self._lock:
            if service not in self._made:
                self._made[service] = self._aws.make_client(service)
            return self._made[service]


_clients = functools.cache(_Clients)


def wait_until(reached: Callable[[], str], what: str, seconds: float) -> None:
    """Wait until `reached` returns an empty string. Raises RehearsalError with its last text after `seconds`."""
    deadline = time.monotonic() + seconds
    while missing := reached():
        if time.monotonic() > deadline:
            raise RehearsalError(f"{what} was not reached within {seconds:.0f} s: {missing}")
        time.sleep(POLL_SECONDS)
