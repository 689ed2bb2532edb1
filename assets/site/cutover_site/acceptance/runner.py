"""Run the checks of a suite, concurrently where possible. A check that could not run has failed; the site is left as it was."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.acceptance.notes import Notes, collect
from cutover_site.acceptance.results import NOT_TRIED, CheckResult, Outcome
from cutover_site.acceptance.suite import Check, S, Suite
from cutover_site.errors import SiteError

LOG = logging.getLogger(__name__)
CLEANUP = "leftovers"
"""the name of the cleanup's result in reports and evidence"""


def run_check(name: str, run: Callable[[], object]) -> CheckResult:
    """Run one check and return its result. An unexpected exception is a failed result too."""
    began = time.monotonic()
    with collect() as notes:
        try:
            run()
        except CheckSkipped as skipped:
            return _make_result(name, "skip", skipped.reason, began, notes, setting=skipped.setting)
        except (CheckFailed, SiteError) as error:
            return _make_result(name, "fail", str(error), began, notes)
        except Exception as error:
            LOG.exception("check %s crashed", name)
            return _make_result(name, "fail", f"the check crashed: {type(error).__name__}: {error}", began, notes)
        return _make_result(name, "pass", "", began, notes)


def run_suite(suite: Suite[S], session: S, wait: Callable[[], object] = lambda: None) -> list[CheckResult]:
    """Return one result per check that applies to the session, in the order of the suite. Closes the session.

    After a required check has failed, the other checks count as failed, not tried. On the live data (`session.live`) the data
    of the checks stays for `clean_up_all`; otherwise the cleanup is the last result. `wait` returns when the site may be used: what the
    suite prepares before needs no site.
    """
    checks = [check for check in suite.checks if check.is_applicable(session)]
    rest = [check for check in checks if not check.required]
    try:
        suite.prepare(session)
        wait()
        results = _run_side_by_side(session, [check for check in checks if check.required])
        failed = next((result.name for result in results.values() if result.outcome == "fail"), "")
        results.update(
            {check.name: _make_not_tried(check.name, failed) for check in rest}
            if failed
            else _run_side_by_side(session, rest)
        )
        report = [results[check.name] for check in checks]
        if not session.live:
            report.append(run_check(CLEANUP, partial(suite.clean_up, session)))
        return report
    finally:
        session.close()


def clean_up_all(suite: Suite[S], session: S) -> None:
    """Remove everything that any session of the suite has created on the site. Closes the session.

    It is safe to repeat. Raises CheckFailed.
    """
    try:
        suite.prepare(session)
        suite.clean_up_all(session)
    finally:
        session.close()


def _run_side_by_side(session: S, checks: Sequence[Check[S]]) -> dict[str, CheckResult]:
    """Run each check on its own thread, and start them in the order of `checks`.

    A check waits only for those of its predecessors that are in `checks`.
    """
    running: dict[str, Future[CheckResult]] = {}
    with ThreadPoolExecutor(max(1, len(checks))) as pool:
        for check in checks:
            before = {name: running[name] for name in check.predecessors if name in running}
            running[check.name] = pool.submit(_run_after, before, check, session)
        return {name: future.result() for name, future in running.items()}


def _run_after(before: Mapping[str, Future[CheckResult]], check: Check[S], session: S) -> CheckResult:
    for other, future in before.items():
        result = future.result()
        if result.outcome == "fail":
            return _make_not_tried(check.name, result.name)
        if result.outcome == "skip" and check.builds_on == other:
            return CheckResult(check.name, "skip", result.reason, 0.0, result.setting)
    return run_check(check.name, partial(check.run, session))


def _make_not_tried(name: str, failed: str) -> CheckResult:
    return CheckResult(name, "fail", f"{NOT_TRIED} {failed} failed", 0.0)


def _make_result(
    name: str, outcome: Outcome, reason: str, began: float, notes: Notes, *, setting: str = ""
) -> CheckResult:
    LOG.info("%s: %s %s", name, outcome, reason)
    seconds = round(time.monotonic() - began, 3)
    return CheckResult(name, outcome, reason, seconds, setting, tuple(notes.retried), tuple(notes.not_checked))
