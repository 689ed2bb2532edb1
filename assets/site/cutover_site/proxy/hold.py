"""The hold: while the proxy is frozen, writes wait in it until it opens or forwards, or until a bound is over.

The bounds are in the file hold.map and in the running proxy, as the mode is in mode.map. hold.lua of the role reverse_proxy reads both.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover_site.errors import Refused
from cutover_site.proxy.runtime import RUNTIME_API_FRONTEND, Runtime, parse_age
from cutover_site.system import textfiles

LONGEST_HOLD_SECONDS = 60
"""HAProxy lets a TCP connection wait for tcp-request inspect-delay in haproxy.cfg at most, which is longer"""
KEYS = ("until", "seconds")
WAITING = re.compile(r"^0x[0-9a-f]+: .*\bfe=(?P<frontend>\S+) be=<NONE> .*\bage=(?P<age>\S+) ", re.MULTILINE)
"""a session of `show sess` that no backend has yet"""


@dataclass(frozen=True)
class Held:
    """The requests and connections that wait in the proxy now."""

    count: int = 0
    longest_seconds: int = 0
    """how long the oldest has waited. On a kept-alive connection HAProxy counts from the end of the former response"""

    def to_facts(self) -> dict[str, Any]:
        """Return the facts of the evidence."""
        return {"held": self.count, "longest_hold_seconds": self.longest_seconds}


@dataclass(frozen=True)
class Hold:
    """The hold of one proxy. `folder` has HAProxy's maps."""

    folder: Path
    runtime: Runtime

    @property
    def map_file(self) -> Path:
        """Return the map with the bounds."""
        return self.folder / "hold.map"

    def set_bounds(self, until: float, seconds: float) -> None:
        """Let writes that arrive in a frozen proxy wait until `until` (seconds since 1970), and each for `seconds` at most.

        Both are written to disk first, for a worker that starts later. Raises ProxyError when the running proxy cannot hold.
        """
        values = dict(zip(KEYS, (str(math.ceil(until)), f"{seconds:g}")))
        textfiles.replace(self.map_file, "".join(f"{key} {value}\n" for key, value in values.items()))
        for key, value in values.items():
            self.runtime.run_command(f"set map {self.map_file} {key} {value}")

    def find_problem(self) -> str:
        """Return why the running proxy cannot hold writes, or an empty text. Raises ProxyError when HAProxy does not respond."""
        for pid, text in self.runtime.query(f"show map {self.map_file}").items():
            found = {words[1] for words in map(str.split, text.splitlines()) if len(words) == 3}
            if not found.issuperset(KEYS):
                return f"worker {pid} of HAProxy has no hold.lua with {self.map_file}: run the playbook of this release"
        return ""

    def count_held(self) -> Held:
        """Return what waits in all workers now.

        Other sessions without a backend are counted too. They are few: requests of which a rule still reads the body.
        """
        found = [
            parse_age(session["age"])
            for output in self.runtime.query("show sess").values()
            for session in WAITING.finditer(output)
            if session["frontend"] != RUNTIME_API_FRONTEND
        ]
        return Held(len(found), max(found, default=0))


def require_bounds(hold_seconds: float) -> None:
    """Raise Refused for a hold that the proxy's configuration does not allow."""
    if not 0 <= hold_seconds <= LONGEST_HOLD_SECONDS:
        raise Refused(
            f"writes cannot be held for {hold_seconds:g} s",
            next_action=f"hold for 0 to {LONGEST_HOLD_SECONDS} seconds",
        )


def get_longer(one: Held, other: Held) -> Held:
    """Return the greater count and the longer wait of two observations."""
    return Held(max(one.count, other.count), max(one.longest_seconds, other.longest_seconds))
