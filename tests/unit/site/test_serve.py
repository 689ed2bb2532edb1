"""A target that starts on the live data holds what waits to be told before Gogs can see it; who does the background work tells it later."""

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
    aws = SimpleNamespace(list_group_instances=lambda _group: ["i-1", "i-2"])
    return SimpleNamespace(layout=Layout(tmp_path), instance_id="i-1", target={"auto_scaling_group": "group"}, aws=aws)


def test_the_live_data_is_held_before_gogs_starts(machine: Any, done: list[str]) -> None:
    assert serve.serve(machine, "live").switched
    assert done == ["staged live", "held", "started", "open"]


def test_the_proxy_is_open_before_the_application_counts_as_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(serve, "open_proxy", lambda _machine: told.append("open"))
    proxy = SimpleNamespace(runtime=SimpleNamespace(mark_application_up=lambda: told.append("up")))
    monkeypatch.setattr(serve, "_proxy", lambda _machine: proxy)
    monkeypatch.setattr(serve, "_is_staged", lambda *_: True)
    monkeypatch.setattr("cutover_site.health.find_application_problem", lambda _application: "")
    there = SimpleNamespace(layout=Layout(tmp_path), instance_id="i-1", target={}, aws=None)
    serve.serve(there, "scratch")  # type: ignore[arg-type]
    assert told == ["open", "up"]


def test_the_copy_has_nothing_to_hold(machine: Any, done: list[str]) -> None:
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
    for _late in range(2):
        serve.stage(machine, "live")  # one that serves is not closed by a command that comes late
        assert not serve.serve(machine, "live").switched
    assert done == ["staged live", "proxy staged", "open", "open"]


@pytest.mark.parametrize(
    ("instance", "mode", "told"), [("i-1", "live", ["released"]), ("i-2", "live", []), ("i-1", "scratch", [])]
)
def test_who_does_the_background_work_tells_it(
    machine: Any, done: list[str], instance: str, mode: InstanceMode, told: list[str]
) -> None:
    machine.instance_id = instance
    write_configured_for(machine.layout, ConfiguredFor(instance, mode, background=instance == "i-1"))
    serve.reconcile_background(machine)
    assert done == []  # nothing is due: the application is asked once, not every two minutes
    (machine.layout.state / "outbound-held").touch()
    serve.reconcile_background(machine)
    assert done == told
