"""The freeze state of a source machine, and which transitions are allowed. Pure.

open --freeze--> frozen --thaw--> open
                 frozen --forward--> forward        (after the commit; it cannot be undone)
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
    """The state, the run that froze the machine, and the end of its lease.

    It is `frozen` too while the proxy is open between two attempts of a freeze (`cutover_site.freeze.attempts`).
    """

    name: Name = "open"
    run: str = ""
    lease_until: float = 0.0
    """seconds since 1970; 0: this machine has no lease of its own (the database server follows the run record)"""

    def freeze(self, run: str, lease_until: float) -> FreezeState:
        """Return the state after a freeze. Raises Refused when another run froze the machine, or when the site has moved."""
        if self.name == "forward":
            raise Refused(
                "the site has moved: this machine forwards to the target", next_action="use the site at its new place"
            )
        self._refuse_other_run(run)
        return FreezeState("frozen", run, lease_until)

    def require_frozen_by(self, run: str) -> None:
        """Raise Refused unless this run froze the machine and the freeze is still in force."""
        if self.name != "frozen" or self.run != run:
            raise Refused(
                f"run {run} does not hold a freeze of this machine: it is {self._describe()}",
                next_action="the run must roll back",
            )

    def renew(self, run: str, lease_until: float) -> FreezeState:
        """Return the state with a longer lease. Raises Refused when this run's freeze is not in force."""
        self.require_frozen_by(run)
        return replace(self, lease_until=lease_until)

    def thaw(self, run: str) -> FreezeState:
        """Return the state after writes resume. An open machine stays open. Raises Refused for another run's freeze and after the move."""
        if self.name == "open":
            return self
        if self.name == "forward":
            raise Refused("the site has moved: thawing would let two sites accept writes")
        self._refuse_other_run(run)
        return FreezeState()

    def forward(self, run: str) -> FreezeState:
        """Return the state in which the machine forwards. Raises Refused unless this run froze the machine."""
        if self.name == "open" or self.run != run:
            raise Refused(f"only the run that froze the machine may forward it; it is {self._describe()}")
        return replace(self, name="forward", lease_until=0.0)

    def is_expired(self, now: float) -> bool:
        """Return whether the machine is frozen and its lease has ended."""
        return self.name == "frozen" and self.lease_until > 0 and now >= self.lease_until

    def _refuse_other_run(self, run: str) -> None:
        if self.name != "open" and self.run != run:
            raise Refused(f"the machine is {self._describe()}", next_action=f"end run {self.run} first")

    def _describe(self) -> str:
        return self.name if self.name == "open" else f"{self.name} by run {self.run}"


def serialize_state(state: FreezeState) -> str:
    """Return the content of the file freeze.json."""
    return json.dumps(asdict(state)) + "\n"


def parse_state(text: str) -> FreezeState:
    """Return the state in freeze.json. Raises NotConfigured: a damaged file must never count as "open"."""
    try:
        raw = json.loads(text)
        name = NAMES[raw["name"]]
        return FreezeState(name, str(raw["run"]), float(raw["lease_until"]))
    except (ValueError, KeyError, TypeError) as error:
        raise NotConfigured(f"the freeze state on disk is damaged ({error}); treating the machine as frozen") from error
