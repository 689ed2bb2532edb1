"""Runs the checks, side by side where they can. What could not run has failed; the site is left as it was found."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from types import ModuleType
from typing import Any, Literal

from cutover_site.acceptance.checks import (
    api,
    attachment,
    clone,
    health,
    issue,
    leftovers,
    lfs,
    login,
    push,
    ssh,
    ssh_clone,
    ssh_refusal,
    token,
)
from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit
from cutover_site.errors import SiteError

LOG = logging.getLogger(__name__)
Outcome = Literal["pass", "fail"]

SUITE: tuple[ModuleType, ...] = (
    health, login, token, api, clone, push, lfs, ssh, ssh_clone, ssh_refusal, issue, attachment,
)  # fmt: skip
BESIDE_THE_DATA = frozenset({"ssh_clone", "ssh_refusal"})
"""what they look at is program and network, the same on the copy: where the whole suite has passed there, the live data need them no more"""
NOT_TRIED = "not tried, because"
NEEDED = {"health", "login", "token", "api"}
"""these come first; when one of them fails the rest cannot be tried"""
AFTER: Mapping[str, str] = {"api": "token", "push": "clone", "ssh_clone": "ssh"}
"""a check that works on what another one made; all others run beside each other"""


@dataclass(frozen=True)
class CheckResult:
    name: str
    outcome: Outcome
    reason: str
    seconds: float

    def facts(self) -> dict[str, Any]:
        return asdict(self)


def timed(name: str, act: Callable[[], object]) -> CheckResult | None:
    """The outcome of one check, whatever happens in it. None: it was not asked for."""
    began = time.monotonic()
    try:
        act()
    except CheckSkipped:
        return None
    except (CheckFailed, SiteError) as error:
        return _result(name, "fail", str(error), began)
    except Exception as error:
        LOG.exception("check %s crashed", name)
        return _result(name, "fail", f"the check crashed: {type(error).__name__}: {error}", began)
    return _result(name, "pass", "", began)


def accept(visit: Visit, suite: Sequence[ModuleType] = SUITE, *, live: bool = False) -> list[CheckResult]:
    """One result per check that was asked for, in the order of `suite`. After a check of NEEDED has failed, the others count as failed, not tried.

    `live`: users wait for it. Without BESIDE_THE_DATA, and what the checks made stays, for `tidy` to take away later.
    """
    left_out = BESIDE_THE_DATA if live else frozenset()
    named = {name: module for module in suite if (name := module.__name__.rpartition(".")[2]) not in left_out}
    try:
        results = _side_by_side(visit, {name: check for name, check in named.items() if name in NEEDED})
        broken = next((one.name for one in results.values() if one is not None and one.outcome == "fail"), "")
        rest = {name: check for name, check in named.items() if name not in NEEDED}
        results |= {name: _not_tried(name, broken) for name in rest} if broken else _side_by_side(visit, rest)
        told = [result for name in named if (result := results[name]) is not None]
        if not live and (cleaned := timed("leftovers", partial(leftovers.check, visit))):
            told.append(cleaned)
        return told
    finally:
        visit.close()


def _side_by_side(visit: Visit, checks: Mapping[str, ModuleType]) -> dict[str, CheckResult | None]:
    """Each check on a thread; one of AFTER waits for the other, and is not tried when that has failed."""
    first = {name: check for name, check in checks.items() if AFTER.get(name) not in checks}
    with ThreadPoolExecutor(max(1, len(checks))) as pool:
        running = {name: pool.submit(timed, name, partial(check.check, visit)) for name, check in first.items()}
        for name in checks.keys() - first.keys():
            running[name] = pool.submit(_follow, running[AFTER[name]], name, partial(checks[name].check, visit))
        return {name: future.result() for name, future in running.items()}


def _follow(before: Future[CheckResult | None], name: str, act: Callable[[], object]) -> CheckResult | None:
    made = before.result()
    return _not_tried(name, made.name) if made is not None and made.outcome == "fail" else timed(name, act)


def _not_tried(name: str, broken: str) -> CheckResult:
    return CheckResult(name, "fail", f"{NOT_TRIED} {broken} failed", 0.0)


def _result(name: str, outcome: Outcome, reason: str, began: float) -> CheckResult:
    LOG.info("%s: %s %s", name, outcome, reason)
    return CheckResult(name, outcome, reason, round(time.monotonic() - began, 3))


def failures(results: Sequence[CheckResult]) -> str:
    """The failed checks in words; empty when every one passed. Those not tried are told by their number."""
    failed = [result for result in results if result.outcome != "pass"]
    tried = [f"{result.name}: {result.reason}" for result in failed if not result.reason.startswith(NOT_TRIED)]
    rest = len(failed) - len(tried)
    return "; ".join([*tried, *([f"{rest} more not tried"] if rest else [])])
