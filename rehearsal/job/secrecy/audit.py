"""Search all places for all secrets, and report what could not be searched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rehearsal.job.secrecy.allowed import ALLOWED, Allowance, is_allowed
from rehearsal.job.secrecy.places import Place
from rehearsal.job.secrecy.search import Search
from rehearsal.job.secrecy.values import select_searchable


@dataclass(frozen=True)
class Finding:
    """Never the value."""

    place: str
    item: str
    secret: str
    form: str

    def __str__(self) -> str:
        return f"{self.secret} ({self.form}) in {self.place}: {self.item}"


@dataclass
class Searched:
    """What was searched in one place."""

    items: int = 0
    bytes: int = 0


@dataclass
class Secrecy:
    """The result. `secrets` are names. `unsearched` has one sentence for each secret or place that was not searched."""

    secrets: list[str] = field(default_factory=list)
    places: dict[str, Searched] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    allowed: list[Finding] = field(default_factory=list)
    unsearched: list[str] = field(default_factory=list)
    seconds: float = 0.0


def search_places(
    sources: Mapping[str, Callable[[], Iterable[tuple[str, str]]]],
    places: Mapping[str, Place],
    control: Place,
    exceptions: Iterable[Allowance] = ALLOWED,
    report: Callable[[str], None] = lambda _: None,
) -> Secrecy:
    """Search every place for every secret.

    `sources` gives the secrets (name, value) by where they are kept. Never raises: what could not be done is in `unsearched`.
    A source without a secret, or a place without an item, counts as not searched: something was looked for in the wrong way.
    `control` has a secret for certain, so a search that finds nothing there proves nothing.
    """
    began, result, known = time.monotonic(), Secrecy(), []
    for name, source in sources.items():
        try:
            found = list(source())
        except Exception as error:  # noqa: BLE001  whatever it is: these secrets were not searched for
            result.unsearched.append(f"the secrets of {name}: {_format_error(error)}")
            continue
        known += found
        if not found:
            result.unsearched.append(f"the secrets of {name}: there are none")
    wanted, refused = select_searchable(known)
    result.secrets = list(wanted)
    result.unsearched += refused
    search = Search(wanted)
    try:
        _search_control(search, control, result)
        for name, place in places.items():
            report(name)
            _search(search, name, place, tuple(exceptions), result)
    finally:
        search.close()
    result.seconds = round(time.monotonic() - began, 3)
    return result


def _search(search: Search, name: str, place: Place, exceptions: tuple[Allowance, ...], result: Secrecy) -> None:
    count = result.places[name] = Searched()
    try:
        for item, found, size in search.find_each((item.name, item.pieces) for item in place()):
            count.items, count.bytes = count.items + 1, count.bytes + size
            for secret, form in sorted(found):
                listed = result.allowed if is_allowed(name, item, secret, exceptions) else result.findings
                listed.append(Finding(name, item, secret, form))
    except Exception as error:  # noqa: BLE001  whatever it is: the place was not searched whole
        result.unsearched.append(f"{name} after {count.items} items: {_format_error(error)}")
        return
    if not count.items:
        result.unsearched.append(f"{name}: there is nothing in it")


def _search_control(search: Search, place: Place, result: Secrecy) -> None:
    shown = False
    try:
        for item in place():
            shown = True
            if not search.has_any(item.pieces):
                result.unsearched.append(f"anything: the search did not find what must be in {item.name}")
    except Exception as error:  # noqa: BLE001  whatever it is: that the search works is not shown
        result.unsearched.append(f"anything: that the search works could not be shown: {_format_error(error)}")
        return
    if not shown:
        result.unsearched.append("anything: there is nothing to show by that the search works")


def _format_error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
