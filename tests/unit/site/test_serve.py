"""A target holds pending webhooks of the live data before Gogs starts. After the commit, the target with the background work sends them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site import service
from cutover_site.configured_for import ConfiguredFor, write_configured_for
from cutover_site.instance import InstanceMode
from cutover_site.launch import outbound, serve
from cutover_site.layout import Layout


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def machine(tmp_path: Path, done: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(serve, "_stage", lambda _machine, wanted: done.append(f"staged {wanted.mode}"))
    monkeypatch.setattr(service, "start", lambda _application: done.append("started"))
    monkeypatch.setattr(serve, "_allow_traffic", lambda _machine: done.append("open"))
    monkeypatch.setattr(outbound, "hold_until_commit", lambda _machine: done.append("held"))
    monkeypatch.setattr(outbound, "release_after_commit", lambda _machine: done.append("released"))
    aws = SimpleNamespace(group_instances=lambda _group: ["i-1", "i-2"])
    return SimpleNamespace(layout=Layout(tmp_path), instance_id="i-1", target={"auto_scaling_group": "group"}, aws=aws)


def test_pending_webhooks_are_held_before_gogs_starts(machine: Any, done: list[str]) -> None:
    assert serve.serve(machine, "live").switched
    assert done == ["staged live", "held", "started", "open"]


def test_the_proxy_is_open_before_the_application_is_marked_as_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(serve, "open_proxy", lambda _machine: calls.append("open"))
    proxy = SimpleNamespace(runtime=SimpleNamespace(mark_application_up=lambda: calls.append("up")))
    monkeypatch.setattr(serve, "_proxy", lambda _machine: proxy)
    monkeypatch.setattr(serve, "_is_staged", lambda *_: True)
    monkeypatch.setattr("cutover_site.health.find_application_problem", lambda _application: "")
    target = SimpleNamespace(layout=Layout(tmp_path), instance_id="i-1", target={}, aws=None)
    serve.serve(target, "scratch")  # type: ignore[arg-type]
    assert calls == ["open", "up"]


def test_no_webhooks_are_held_on_the_scratch_copy(machine: Any, done: list[str]) -> None:
    serve.serve(machine, "scratch")
    assert done == ["staged scratch", "started", "open"]


def test_a_staged_target_is_closed_until_it_serves(
    machine: Any, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = SimpleNamespace(switch=lambda mode: done.append(f"proxy {mode}"))
    monkeypatch.setattr(serve, "_proxy", lambda _machine: proxy)
    assert serve.stage(machine, "live").switched
    assert done == ["staged live", "proxy staged"]
    wanted = ConfiguredFor("i-1", "live", background=True)
    write_configured_for(machine.layout, wanted)
    monkeypatch.setattr(serve, "find_rejection_reason", lambda *_: "")
    monkeypatch.setattr("cutover_site.health.find_application_problem", lambda _application: "")
    for _attempt in range(2):
        serve.stage(machine, "live")  # a late command does not close a target that serves
        assert not serve.serve(machine, "live").switched
    assert done == ["staged live", "proxy staged", "open", "open"]


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
