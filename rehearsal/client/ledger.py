"""Record one line for each operation that a client tried, so that every acknowledged write can be looked up later."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Operation:
    """One request to the site. `sent` and `answered` are seconds since the epoch; `kind` is what it did.

    `wanted` is the content that must exist later: a commit id, an issue's title and body, a digest. `reason` is why it was
    not acknowledged, `refusal` the kind of that response (see refusals.py). An operation without a response counts as not
    acknowledged, whatever the site did with it. `address` is the address of the site's public name just before. It identifies
    the proxy that received the request, not the site that accepted it, because a proxy may forward (see overlap.py for that).
    """

    kind: str
    writes: bool
    sent: float
    answered: float | None = None
    written: float | None = None
    """when the request that wrote got its response, where a later request of the operation writes nothing; None: `answered`"""
    acknowledged: bool = False
    reason: str | None = None
    refusal: str | None = None
    address: str | None = None
    retry: bool = False
    """the same operation was tried just before and failed with an error of the site itself"""
    wanted: dict[str, str] = field(default_factory=dict)


def resolve(host: str) -> str | None:
    """Return the address that the client's resolver returns for a name now; None when it returns none."""
    try:
        return socket.gethostbyname(host)
    except OSError:
        return None


class Ledger:
    """Appends operations to a JSON-lines file as they end; safe for several threads, readable while it grows.

    `describe` returns the kind of response that an exception represents; `locate` returns the address of a site's host name.
    """

    def __init__(
        self, path: Path, *, describe: Callable[[Exception], str], locate: Callable[[str], str | None] = lambda _: None
    ) -> None:
        self._describe, self._locate = describe, locate
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    @contextmanager
    def time_operation(self, kind: str, host: str, *, writes: bool = True) -> Iterator[Operation]:
        """Time the block. The block sets `acknowledged` (and `wanted`); an exception inside becomes the reason."""
        address = self._locate(host)
        entry = Operation(kind=kind, writes=writes, sent=time.time(), address=address)
        try:
            yield entry
        except Exception as error:  # noqa: BLE001 - whatever a request can raise means: not acknowledged
            entry.acknowledged = False
            entry.reason = f"{type(error).__name__}: {error}"[:300]
            entry.refusal = self._describe(error)
        entry.answered = time.time()
        with self._lock:
            self._file.write(json.dumps(asdict(entry)) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


def read(path: Path) -> list[Operation]:
    """Return all complete lines of a ledger, in the order in which the operations ended."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Operation(**json.loads(line)) for line in lines if line.endswith("}")]
