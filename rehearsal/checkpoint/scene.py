"""What every part of a checkpoint works with: the world from outside, and the folder that holds what was kept."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from rehearsal.components import ORDERS
from rehearsal.environment import environment
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json = dict[str, Any]
Report = Callable[[str], None]
POLL_SECONDS = 0.1
ORDER_SECONDS = 180.0


@dataclass(frozen=True)
class Scene:
    settings: Settings
    folder: Path
    report: Report
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)
    _aws: Aws = field(init=False, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_aws", Aws(environment(self.settings)))  # its session is shared by all clients

    def client(self, service: str) -> Any:
        """A client of the local AWS, made once: to make one costs more than what is asked of it."""
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._aws.client(service)
            return self._clients[service]

    def order(self, name: str, **values: Any) -> Json:
        """One order to the local AWS (rehearsal.aws.orders). Raises RehearsalError with its reason."""
        try:
            answer = requests.post(f"{self.settings.aws_url}{ORDERS}{name}", json=values, timeout=ORDER_SECONDS)
        except requests.RequestException as error:
            raise RehearsalError(f"the local AWS at {self.settings.aws_url} does not answer: {error}") from None
        found: Json = answer.json()
        if not answer.ok:
            raise RehearsalError(str(found["reason"]))
        return found

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.report(f"{name}: {time.monotonic() - began:.1f} s")

    def together(self, **works: Callable[[], Any]) -> Json:
        """All at the same time, each reported as a part; answers by name. Raises the first one's error, when all have ended."""

        def timed(name: str, work: Callable[[], Any]) -> Any:
            with self.part(name.replace("_", " ")):
                return work()

        with ThreadPoolExecutor(len(works)) as pool:
            begun = {name: pool.submit(timed, name, work) for name, work in works.items()}
        return {name: future.result() for name, future in begun.items()}

    def write(self, facts: Mapping[str, Any]) -> None:
        half = self.folder / "facts.half"
        half.write_text(json.dumps(facts))
        half.replace(self.folder / "facts.json")

    def read(self) -> Json:
        found: Json = json.loads((self.folder / "facts.json").read_text())
        return found


def until(reached: Callable[[], str], what: str, seconds: float) -> None:
    """Return when `reached` answers an empty string. Raises RehearsalError with what it answered last, after `seconds`."""
    deadline = time.monotonic() + seconds
    while missing := reached():
        if time.monotonic() > deadline:
            raise RehearsalError(f"{what} was not reached within {seconds:.0f} s: {missing}")
        time.sleep(POLL_SECONDS)
