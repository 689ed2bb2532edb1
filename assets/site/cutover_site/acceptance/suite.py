"""Runs the checks in order. What could not run has failed; the site is left as it was found."""

import logging
import time
from collections.abc import Callable, Sequence
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
    token,
)
from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit
from cutover_site.errors import SiteError

LOG = logging.getLogger(__name__)
Outcome = Literal["pass", "fail"]

SUITE: tuple[ModuleType, ...] = (health, login, token, api, clone, push, lfs, ssh, issue, attachment)
NOT_TRIED = "not tried, because"
NEEDED = {"health", "login", "token", "api"}
"""when one of these fails the rest cannot be tried"""


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


def accept(visit: Visit, suite: Sequence[ModuleType] = SUITE) -> list[CheckResult]:
    """One result per check that was asked for. After a check of NEEDED has failed, the others count as failed, not tried."""
    results: list[CheckResult] = []
    broken = ""
    try:
        for module in suite:
            name = module.__name__.rpartition(".")[2]
            if broken:
                results.append(CheckResult(name, "fail", f"{NOT_TRIED} {broken} failed", 0.0))
                continue
            result = timed(name, partial(module.check, visit))
            if result is None:
                continue
            results.append(result)
            if result.outcome == "fail" and name in NEEDED:
                broken = name
        if cleaned := timed("leftovers", partial(leftovers.check, visit)):
            results.append(cleaned)
    finally:
        visit.close()
    return results


def _result(name: str, outcome: Outcome, reason: str, began: float) -> CheckResult:
    LOG.info("%s: %s %s", name, outcome, reason)
    return CheckResult(name, outcome, reason, round(time.monotonic() - began, 3))


def failures(results: Sequence[CheckResult]) -> str:
    """The failed checks in words; empty when every one passed. Those not tried are told by their number."""
    failed = [result for result in results if result.outcome != "pass"]
    tried = [f"{result.name}: {result.reason}" for result in failed if not result.reason.startswith(NOT_TRIED)]
    rest = len(failed) - len(tried)
    return "; ".join([*tried, *([f"{rest} more not tried"] if rest else [])])
