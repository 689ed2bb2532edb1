"""Orders to the local AWS of a running world.

with order(settings, "function-hold", function="*Procedure*", fields={"step": "freeze"}, when="after") as hold:
    hold.wait(60)       # the source is frozen now, and the procedure does not know it yet
    …
    hold.release()
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any

import requests

from rehearsal.errors import RehearsalError
from rehearsal.faults import Json
from rehearsal.settings import Settings

_GRACE = 30.0


@dataclass(frozen=True)
class Ordered:
    """One fault. As a context it is cleared at the end, and lets go whom it holds."""

    settings: Settings
    id: int

    def wait(self, seconds: float) -> Json:
        """Wait until it has hit, or holds somebody. Raises RehearsalError when that does not happen in time."""
        return dict(_ask(self.settings, "GET", f"/{self.id}/wait?seconds={seconds:g}", timeout=seconds + _GRACE))

    def release(self) -> Json:
        """Release whom it holds. Raises RehearsalError when it holds nobody."""
        return dict(_ask(self.settings, "POST", f"/{self.id}/release"))

    def state(self) -> Json:
        """Return how often it was seen and hit. Raises RehearsalError when it was cleared."""
        for fault in ordered(self.settings):
            if fault["id"] == self.id:
                return fault
        raise RehearsalError(f"There is no fault {self.id} any more.")

    def clear(self) -> None:
        """Clear it, which releases whom it holds."""
        clear(self.settings, self.id)

    def __enter__(self) -> Ordered:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()


def order(settings: Settings, kind: str, **options: Any) -> Ordered:
    """Order a fault. Kinds and options: rehearsal.aws.faults.kinds. Raises RehearsalError when the order makes no sense."""
    return Ordered(settings, int(_ask(settings, "POST", "", {"kind": kind, **options})["id"]))


def ordered(settings: Settings) -> list[Json]:
    """All faults, as far as they are not cleared."""
    return list(_ask(settings, "GET", "")["faults"])


def clear(settings: Settings, id_: int | None = None) -> None:
    """One, or all."""
    _ask(settings, "DELETE", "" if id_ is None else f"/{id_}")


def _ask(settings: Settings, method: str, path: str, body: Json | None = None, *, timeout: float = _GRACE) -> Any:
    url = f"{settings.aws_url}/_rehearsal/faults{path}"
    try:
        answer = requests.request(method, url, json=body, timeout=timeout)
    except requests.ConnectionError:
        raise RehearsalError(
            f"No local AWS answers on {settings.aws_url}: `python -m rehearsal up` starts it."
        ) from None
    if not answer.ok:
        said = answer.json()["message"] if answer.content else f"HTTP {answer.status_code}"
        raise RehearsalError(f"The local AWS refused: {said}")
    return answer.json()
