"""Run the checks of all areas against an account in memory."""

from __future__ import annotations

from common.settings import Limits
from settings import Settings

from operate.check import run_checks
from operate.checks.finding import Finding
from tests.unit.operate.checks.account import FakeAccount
from tests.unit.procedure.clock import FakeClock
from tests.unit.sources.tables import CONFIGURATION

SETTINGS = Settings.load(CONFIGURATION)


def check(account: FakeAccount, *skip: str) -> list[Finding]:
    return run_checks(account, SETTINGS, FakeClock(), Limits(), skip=skip)


def list_bad(account: FakeAccount, *skip: str) -> list[Finding]:
    return [finding for finding in check(account, *skip) if finding.state != "ok"]
