"""The module that waits for the database: it repeats the login, and says what the server answered at last."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

MODULE = Path(__file__).parents[3] / "assets/ansible/library/database_login.py"


class MySQLError(Exception):
    """The base class of PyMySQL's errors."""


@pytest.fixture
def logins() -> list[dict[str, Any]]:
    """Return the logins that the server saw."""
    return []


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, logins: list[dict[str, Any]]) -> Any:
    """Import the module, which is no package, with a server that supports no TLS. Machines have its libraries, this one may not."""

    class Connection:
        def close(self) -> None: ...

    def connect(**given: Any) -> Connection:
        logins.append(given)
        if "ssl" in given:
            raise MySQLError(2026, "SSL connection error")
        if given["password"] != "right":
            raise MySQLError(1045, "Access denied")
        return Connection()

    pymysql = ModuleType("pymysql")
    pymysql.connect = connect  # type: ignore[attr-defined]
    pymysql.err = ModuleType("pymysql.err")  # type: ignore[attr-defined]
    pymysql.err.MySQLError = MySQLError
    basic = ModuleType("ansible.module_utils.basic")
    basic.AnsibleModule = object  # type: ignore[attr-defined]
    for name, one in (("pymysql", pymysql), ("ansible.module_utils.basic", basic)):
        monkeypatch.setitem(sys.modules, name, one)
    for name in ("ansible", "ansible.module_utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    spec = importlib.util.spec_from_file_location("database_login", MODULE)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


class Clock:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


def fail_until(clock: Clock, seconds: float) -> Callable[[], None]:
    def try_login() -> None:
        if clock.seconds < seconds:
            raise MySQLError(2003, f"refused after {clock.seconds:g} s")

    return try_login


def test_the_login_is_repeated_until_the_server_accepts_it(module: Any) -> None:
    clock = Clock()
    assert module.wait_for_login(fail_until(clock, 30), 60, clock.now, clock.pause) == ""
    assert 30 <= clock.seconds < 31


def test_the_last_error_is_returned_after_the_timeout(module: Any) -> None:
    clock = Clock()
    reason = module.wait_for_login(fail_until(clock, 90), 60, clock.now, clock.pause)
    assert "refused after 60 s" in reason


def test_a_server_without_tls_is_asked_without_it(module: Any, logins: list[dict[str, Any]]) -> None:
    module.log_in("10.10.0.10", 3306, "gogs", "right")
    assert ["ssl" in one for one in logins] == [True, False]


def test_a_refused_account_is_an_error(module: Any) -> None:
    with pytest.raises(MySQLError, match="Access denied"):
        module.log_in("10.10.0.10", 3306, "gogs", "wrong")
