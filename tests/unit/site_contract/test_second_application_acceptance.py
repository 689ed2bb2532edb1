"""The acceptance suite of a second application, run by the same verbs: the core does not depend on its checks or its session."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from applications.profile import Profile
from cutover_site.acceptance.runner import clean_up_all
from cutover_site.acceptance.session import SiteAddress
from cutover_site.application import load_behavior
from cutover_site.aws.run_record import Decision
from cutover_site.errors import Refused
from cutover_site.verbs.acceptance import ACCEPTANCE_LOCK, AcceptanceFailed, accept

from tests.second_application import second_application
from tests.unit.site.fake_site import Request, Response, serving

SECRET = {"acceptance_username": "checker", "acceptance_password": "right"}
RIGHT = "Basic Y2hlY2tlcjpyaWdodA=="


@dataclass
class Tiny:
    """The second application with its pages in memory."""

    health: str = '{"database": true}'
    damage: str = ""
    """text that is added to every picture"""
    pages: dict[int, dict[str, Any]] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)

    def respond(self, method: str, path: str, request: Request) -> Response:
        if path == "/alive":
            return Response(200, self.health)
        if method == "GET":
            return self._read(path)
        if request.headers.get("Authorization") != RIGHT:
            return Response(401)
        if method == "DELETE":
            del self.pages[int(path.rpartition("/")[2])]
            return Response(200)
        name = hashlib.sha256(request.body).hexdigest()
        self.pictures[name] = request.body.decode()
        number = max(self.pages, default=0) + 1
        self.pages[number] = {"id": number, "title": path.partition("title=")[2], "picture": name}
        return Response(201)

    def _read(self, path: str) -> Response:
        if path == "/pages":
            return Response(200, json.dumps({"pages": list(self.pages.values())}))
        return Response(200, self.pictures[path.rpartition("/")[2]] + self.damage)


@pytest.fixture
def profile() -> Iterator[Profile]:
    with second_application() as found:
        yield found


@pytest.fixture
def machine(profile: Profile, tmp_path: Path) -> Any:
    return SimpleNamespace(
        layout=SimpleNamespace(application=profile, state=tmp_path),
        require_role=lambda *_roles: None,
        read_site_secret=lambda: SECRET,
    )


def run_accept(machine: Any, url: str, *, live: bool = False, after: str = "") -> dict[str, Any]:
    return accept(
        machine, argparse.Namespace(url=url, resolve="127.0.0.1", live=live, run="run-1", after=after, wait=1.0)
    )


def test_the_checks_of_the_second_application_are_reported_and_leave_no_content(machine: Any) -> None:
    tiny = Tiny()
    with serving(tiny.respond) as url:
        facts = run_accept(machine, url)
    assert [(check["name"], check["outcome"]) for check in facts["checks"]] == [
        ("health", "pass"),
        ("password", "pass"),
        ("page", "pass"),
        ("picture", "pass"),
        ("leftovers", "pass"),
    ]
    assert tiny.pictures
    assert not tiny.pages


def test_a_failed_check_has_its_reason_and_is_cleaned_up(machine: Any) -> None:
    tiny = Tiny(damage="!")
    with (
        serving(tiny.respond) as url,
        pytest.raises(AcceptanceFailed, match="picture: the picture of acceptance-") as caught,
    ):
        run_accept(machine, url)
    assert "not tried" not in str(caught.value)
    assert not tiny.pages


def test_no_other_check_runs_on_an_unhealthy_site(machine: Any) -> None:
    tiny = Tiny(health='{"database": false}')
    with serving(tiny.respond) as url, pytest.raises(AcceptanceFailed, match=r"health page.*; 3 more not tried"):
        run_accept(machine, url)
    assert not tiny.pictures


def test_the_content_of_a_live_acceptance_is_removed_later(machine: Any, profile: Profile) -> None:
    tiny, behavior = Tiny(), load_behavior(profile)
    with serving(tiny.respond) as url:
        run_accept(machine, url, live=True)
        assert len(tiny.pages) == 1
        address = SiteAddress(url, public_url=url, resolve="127.0.0.1")
        clean_up_all(behavior.get_acceptance_suite(), behavior.open_acceptance_session(machine, address))
    assert not tiny.pages


def test_a_suite_that_waited_for_another_does_not_run_after_the_commit(machine: Any, tmp_path: Path) -> None:
    """The lock is held while the run record is read, so what is read is still true when the suite begins."""
    locked: list[bool] = []

    def read() -> Decision:
        with (tmp_path / ACCEPTANCE_LOCK).open("w") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        locked.append(True)
        return Decision("run-1", "commit", "admitted")

    machine.record = SimpleNamespace(read=read)
    with pytest.raises(Refused, match="too late"):
        run_accept(machine, "http://127.0.0.1:9", live=True, after="activated")

    assert locked == [True]
