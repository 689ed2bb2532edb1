"""Inject faults into the local AWS of a running world.

with inject_fault(settings, "function-hold", function="*Procedure*", fields={"step": "freeze"}, when="after") as hold:
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
class InjectedFault:
    """One fault. A `with` block clears it at its end, which releases the invocations that it holds."""

    settings: Settings
    id: int

    def wait(self, seconds: float) -> Json:
        """Wait until it has hit an event or holds an invocation. Raises RehearsalError when that does not happen in time."""
        return dict(
            _send_request(self.settings, "GET", f"/{self.id}/wait?seconds={seconds:g}", timeout=seconds + _GRACE)
        )

    def release(self) -> Json:
        """Release the invocations that it holds. Raises RehearsalError when it holds none."""
        return dict(_send_request(self.settings, "POST", f"/{self.id}/release"))

    def read_state(self) -> Json:
        """Return the fault with the number of events that it saw and hit. Raises RehearsalError when it was cleared."""
        for fault in list_faults(self.settings):
            if fault["id"] == self.id:
                return fault
        raise RehearsalError(f"There is no fault {self.id} any more.")

    def clear(self) -> None:
        """Clear it, which releases the invocations that it holds."""
        clear_faults(self.settings, self.id)

    def __enter__(self) -> InjectedFault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()


def inject_fault(settings: Settings, kind: str, **options: Any) -> InjectedFault:
    """Inject a fault. Kinds and options: rehearsal.aws.faults.kinds. Raises RehearsalError when the options are not valid."""
    return InjectedFault(settings, int(_send_request(settings, "POST", "", {"kind": kind, **options})["id"]))


def list_faults(settings: Settings) -> list[Json]:
    """Return all faults that are not cleared."""
    return list(_send_request(settings, "GET", "")["faults"])


def clear_faults(settings: Settings, id_: int | None = None) -> None:
    """Clear the fault with this id, or all faults."""
    _send_request(settings, "DELETE", "" if id_ is None else f"/{id_}")


def _send_request(
    settings: Settings, method: str, path: str, body: Json | None = None, *, timeout: float = _GRACE
) -> Any:
    url = f"{settings.aws_url}/_rehearsal/faults{path}"
    try:
        response = requests.request(method, url, json=body, timeout=timeout)
    except requests.ConnectionError:
        raise RehearsalError(
            f"No local AWS responds on {settings.aws_url}: `python -m rehearsal up` starts it."
        ) from None
    if not response.ok:
        reason = response.json()["message"] if response.content else f"HTTP {response.status_code}"
        raise RehearsalError(f"The local AWS refused: {reason}")
    return response.json()
