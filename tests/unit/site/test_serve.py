"""A target holds pending webhooks of the live data before Gogs starts. After the commit, the target with the background work sends them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site import health, service
from cutover_site.configured_for import ConfiguredFor, write_configured_for
from cutover_site.errors import Refused
from cutover_site.files import efs
from cutover_site.instance import InstanceMode
from cutover_site.launch import outbound, serve
from cutover_site.layout import Layout
from cutover_site.system import systemd

SERVING = ["proxy open", "application up"]


class FakeProxyModes:
    """Record each switch of the proxy's mode."""

    def __init__(self, done: list[str]) -> None:
        self.done = done
        self.runtime = SimpleNamespace(mark_application_up=lambda: done.append("application up"))

    def store(self, mode: str) -> None:
        """Store nothing."""

    def switch(self, mode: str) -> None:
        self.done.append(f"proxy {mode}")


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def machine(tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A target without file system, proxy and application: each action on them is recorded in `done`."""
    behavior = SimpleNamespace(configure=lambda _layout, _settings: done.append("configured"))
    monkeypatch.setattr(efs, "mount", lambda _machine: None)
    monkeypatch.setattr(efs, "bind", lambda _machine, mode: done.append(f"bound {mode}"))
    monkeypatch.setattr(serve, "describe_target", lambda *_, **__: None)
    monkeypatch.setattr(serve, "load_behavior", lambda _application: behavior)
    monkeypatch.setattr(serve, "find_rejection_reason", lambda *_: "")
    monkeypatch.setattr(systemd, "is_active", lambda _unit: True)
    monkeypatch.setattr(health, "find_application_problem", lambda _application: "")
    monkeypatch.setattr(service, "start", lambda _application: done.append("started"))
    monkeypatch.setattr(service, "stop", lambda _application: done.append("stopped"))
    monkeypatch.setattr(outbound, "hold_until_commit", lambda _machine: done.append("held"))
    monkeypatch.setattr(outbound, "release_after_commit", lambda _machine: done.append("released"))
    aws = SimpleNamespace(list_group_instances=lambda _group: ["i-1", "i-2"])
    return SimpleNamespace(
        layout=Layout(tmp_path),
        instance_id="i-1",
        target={"auto_scaling_group": "group"},
        aws=aws,
        proxy=FakeProxyModes(done),
    )


def test_pending_webhooks_are_held_before_gogs_starts(machine: Any, done: list[str]) -> None:
    assert serve.serve(machine, "live").switched
    assert done == ["stopped", "bound live", "configured", "proxy open", "held", "started", *SERVING]


def test_no_webhooks_are_held_on_the_scratch_copy(machine: Any, done: list[str]) -> None:
    serve.serve(machine, "scratch")
    assert done == ["stopped", "bound scratch", "configured", "proxy open", "started", *SERVING]


def test_the_proxy_is_open_before_the_application_is_marked_as_up(machine: Any, done: list[str]) -> None:
    serve.serve(machine, "scratch")
    done.clear()
    assert not serve.serve(machine, "scratch").switched
    assert done == ["proxy open", "application up"]


def test_a_staged_target_is_closed_until_it_serves(machine: Any, done: list[str]) -> None:
    assert serve.stage(machine, "live").switched
    assert done == ["stopped", "bound live", "configured", "proxy open", "proxy staged"]
    done.clear()
    for _attempt in range(2):
        serve.stage(machine, "live")  # a late command does not close a target that serves
        assert not serve.serve(machine, "live").switched
    assert done == [*SERVING, *SERVING]


@pytest.mark.parametrize(
    ("instance", "mode", "expected"), [("i-1", "live", ["released"]), ("i-2", "live", []), ("i-1", "scratch", [])]
)
def test_only_the_live_target_with_the_background_work_sends_held_webhooks(
    machine: Any, done: list[str], instance: str, mode: InstanceMode, expected: list[str]
) -> None:
    machine.instance_id = instance
    write_configured_for(machine.layout, ConfiguredFor(instance, mode, background=instance == "i-1"))
    serve.reconcile_background(machine)
    assert done == []  # nothing is held: the periodic call does not access the application
    (machine.layout.state / "outbound-held").touch()
    serve.reconcile_background(machine)
    assert done == expected


def test_the_activation_does_not_ask_auto_scaling_again(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    serve.stage(machine, "live")
    monkeypatch.setattr(serve, "is_leader", lambda _machine: pytest.fail("users wait"))

    assert serve.serve(machine, "live", as_staged=True).background


def test_an_activation_that_was_not_staged_finds_the_leader_itself(machine: Any) -> None:
    serve.stage(machine, "scratch")
    machine.instance_id = "i-2"

    assert not serve.serve(machine, "live", as_staged=True).background


def test_a_switch_that_waited_for_another_is_permitted_again(machine: Any, done: list[str]) -> None:
    def refuse() -> None:
        raise Refused("run 1 is over")

    serve.stage(machine, "live")
    done.clear()
    with pytest.raises(Refused, match="run 1 is over"):
        serve.serve(machine, "live", permit=refuse)

    assert done == []
