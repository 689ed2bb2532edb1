"""Runs the checks, side by side where they can. What could not run has failed; the site is left as it was found.

Side by side does not mean at once on the same rows: whoever writes rows of the acceptance user's repositories holds `Visit.writing`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import ModuleType

from cutover_site.acceptance.checks import (
    api,
    attachment,
    clone,
    health,
    hooks,
    issue,
    leftovers,
    lfs,
    login,
    migrated,
    push,
    ssh,
    ssh_clone,
    ssh_refusal,
    token,
)
from cutover_site.acceptance.here import is_here, look_at_this_machine
from cutover_site.acceptance.notes import Notes, collect
from cutover_site.acceptance.results import NOT_TRIED, CheckResult, Outcome, failures
from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit
from cutover_site.errors import SiteError

__all__ = ["CheckResult", "accept", "failures", "timed"]
LOG = logging.getLogger(__name__)

SUITE: tuple[ModuleType, ...] = (
    health, login, token, api, hooks, clone, push, lfs, ssh, ssh_clone, ssh_refusal, issue, attachment, migrated,
)  # fmt: skip
BESIDE_THE_DATA = frozenset({"ssh_clone", "ssh_refusal", "hooks", "migrated"})
"""what they look at is program, network and files that the comparison knows, the same on the copy: where the whole suite has passed there,
the live data need them no more"""
ON_THIS_MACHINE = frozenset({"migrated"})
"""what changes files under Gogs: only where no other instance serves them, which would go by what it remembers of the shared file system"""
NEEDED = {"health", "login", "token", "api"}
"""these come first; when one of them fails the rest cannot be tried"""
AFTER: Mapping[str, Sequence[str]] = {
    "api": ("token", "login"), "push": ("clone",), "ssh_clone": ("ssh",), "migrated": ("ssh", "push"),
}  # fmt: skip
"""a check that waits for others; all the rest run beside each other"""
BUILDS_ON: Mapping[str, str] = {"push": "clone", "ssh_clone": "ssh"}
"""a check that works on what another one made: it is skipped for the same reason"""


def timed(name: str, act: Callable[[], object]) -> CheckResult:
    """The outcome of one check, whatever happens in it."""
    began = time.monotonic()
    with collect() as notes:
        try:
            act()
        except CheckSkipped as skipped:
            return _result(name, "skip", skipped.reason, began, notes, setting=skipped.setting)
        except (CheckFailed, SiteError) as error:
            return _result(name, "fail", str(error), began, notes)
        except Exception as error:
            LOG.exception("check %s crashed", name)
            return _result(name, "fail", f"the check crashed: {type(error).__name__}: {error}", began, notes)
        return _result(name, "pass", "", began, notes)


def accept(visit: Visit, suite: Sequence[ModuleType] = SUITE) -> list[CheckResult]:
    """One result per check, in the order of `suite`. After a check of NEEDED has failed, the others count as failed, not tried.

    Without ON_THIS_MACHINE when the site is asked elsewhere. Where users wait (`visit.live`): without BESIDE_THE_DATA, and what the checks made stays, for `tidy` to take away later.
    """
    left_out = (BESIDE_THE_DATA if visit.live else frozenset()) | (frozenset() if is_here(visit) else ON_THIS_MACHINE)
    named = {name: module for module in suite if (name := module.__name__.rpartition(".")[2]) not in left_out}
    try:
        look_at_this_machine(visit)
        results = _side_by_side(visit, {name: check for name, check in named.items() if name in NEEDED})
        broken = next((one.name for one in results.values() if one.outcome == "fail"), "")
        rest = {name: check for name, check in named.items() if name not in NEEDED}
        results.update({name: _not_tried(name, broken) for name in rest} if broken else _side_by_side(visit, rest))
        told = [results[name] for name in named]
        if not visit.live:
            told.append(timed("leftovers", partial(leftovers.check, visit)))
        return told
    finally:
        visit.close()


def _side_by_side(visit: Visit, checks: Mapping[str, ModuleType]) -> dict[str, CheckResult]:
    """Each check on a thread, in the order of `checks`; one of AFTER waits for the others, and is not tried when one has failed."""
    running: dict[str, Future[CheckResult]] = {}
    with ThreadPoolExecutor(max(1, len(checks))) as pool:
        for name, check in checks.items():
            before = {one: running[one] for one in AFTER.get(name, ()) if one in running}
            running[name] = pool.submit(_follow, before, name, partial(check.check, visit))
        return {name: future.result() for name, future in running.items()}


def _follow(before: Mapping[str, Future[CheckResult]], name: str, act: Callable[[], object]) -> CheckResult:
    for other, future in before.items():
        made = future.result()
        if made.outcome == "fail":
            return _not_tried(name, made.name)
        if made.outcome == "skip" and BUILDS_ON.get(name) == other:
            return CheckResult(name, "skip", made.reason, 0.0, made.setting)
    return timed(name, act)


def _not_tried(name: str, broken: str) -> CheckResult:
    return CheckResult(name, "fail", f"{NOT_TRIED} {broken} failed", 0.0)


def _result(name: str, outcome: Outcome, reason: str, began: float, notes: Notes, *, setting: str = "") -> CheckResult:
    LOG.info("%s: %s %s", name, outcome, reason)
    return CheckResult(
        name, outcome, reason, round(time.monotonic() - began, 3), setting, tuple(notes.retried), tuple(notes.not_checked)
    )  # fmt: skip
