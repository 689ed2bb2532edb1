"""What a source machine remembers about the freeze, and which step may follow which. Pure.

open --freeze--> frozen --thaw--> open
                 frozen --forward--> forward        (after the commit; there is no way back)
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Literal

from cutover_site.errors import NotConfigured, Refused

Name = Literal["open", "frozen", "forward"]
NAMES: dict[str, Name] = {"open": "open", "frozen": "frozen", "forward": "forward"}


@dataclass(frozen=True)
class FreezeState:
    name: Name = "open"
    run: str = ""
    lease_until: float = 0.0
    """seconds since 1970; 0 means that this machine has no lease of its own (the database server follows the run record)"""

    def freeze(self, run: str, lease_until: float) -> FreezeState:
        """Raises Refused when another run froze the machine, or when the site has moved."""
        if self.name == "forward":
            raise Refused(
                "the site has moved: this machine forwards to the target", next_action="use the site at its new place"
            )
        self._not_of_another(run)
        return FreezeState("frozen", run, lease_until)

    def must_be_frozen_by(self, run: str) -> None:
        """Raises Refused when it is not."""
        if self.name != "frozen" or self.run != run:
            raise Refused(
                f"run {run} has no freeze to keep: the machine is {self._words()}", next_action="the run must roll back"
            )

    def renew(self, run: str, lease_until: float) -> FreezeState:
        """Raises Refused when there is no freeze of this run to keep."""
        self.must_be_frozen_by(run)
        return replace(self, lease_until=lease_until)

    def thaw(self, run: str) -> FreezeState:
        """Thawing what is open is harmless. Raises Refused for another run's freeze and after the move."""
        if self.name == "open":
            return self
        if self.name == "forward":
            raise Refused("the site has moved: thawing would let two sites accept writes")
        self._not_of_another(run)
        return FreezeState()

    def forward(self, run: str) -> FreezeState:
        """Raises Refused unless this run froze the machine."""
        if self.name == "open" or self.run != run:
            raise Refused(f"only the run that froze the machine may forward it; it is {self._words()}")
        return replace(self, name="forward", lease_until=0.0)

    def expired(self, now: float) -> bool:
        return self.name == "frozen" and self.lease_until > 0 and now >= self.lease_until

    def _not_of_another(self, run: str) -> None:
        if self.name != "open" and self.run != run:
            raise Refused(f"the machine is {self._words()}", next_action=f"end run {self.run} first")

    def _words(self) -> str:
        return self.name if self.name == "open" else f"{self.name} by run {self.run}"


def dump(state: FreezeState) -> str:
    return json.dumps(asdict(state)) + "\n"


def parse(text: str) -> FreezeState:
    """Raises NotConfigured: a file that cannot be understood must never be taken for "open"."""
    try:
        raw = json.loads(text)
        name = NAMES[raw["name"]]
        return FreezeState(name, str(raw["run"]), float(raw["lease_until"]))
    except (ValueError, KeyError, TypeError) as error:
        raise NotConfigured(f"the freeze state on disk is damaged ({error}); treating the machine as frozen") from error
