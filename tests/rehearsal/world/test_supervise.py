"""Nothing of a world remains, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rehearsal import supervise
from rehearsal.cleanup import discard, list_leftovers, remove_all
from rehearsal.component import Component
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world import enter, namespaces
from tests.rehearsal.ports import find_free_ports
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal


def list_parts(settings: Settings) -> tuple[Component, ...]:
    return (Component("owner", "tests.rehearsal.world.owner", settings.aws_port, grace=20.0),)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings.load({"REHEARSAL_PORT": str(find_free_ports()), "REHEARSAL_HOME": str(tmp_path)})
    yield settings
    left = list_leftovers(settings)
    remove_all(settings)
    discard(settings, logs=True)
    assert left == []


def start_world(settings: Settings) -> bool:
    return supervise.start_world(settings, lambda _: None, list_parts)


def stop_world(settings: Settings) -> None:
    supervise.stop_world(settings, lambda _: None, list_parts)


def find_owner(settings: Settings) -> int:
    number = supervise.find_process(settings, list_parts(settings)[0])
    assert number is not None
    return number


def wait_for(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    wait_until(condition, seconds=seconds)


def test_up_starts_a_world_and_down_removes_everything(world: Settings) -> None:
    assert start_world(world) is True
    assert enter.run(world, "owned", ["true"]).exit_code == 0
    assert start_world(world) is False, "a second up changes nothing"
    stop_world(world)
    assert list_leftovers(world) == []
    assert not (world.home / "pool.raw").exists()
    stop_world(world)


def test_down_removes_everything_after_its_owner_was_killed(world: Settings) -> None:
    start_world(world)
    os.kill(find_owner(world), signal.SIGKILL)
    assert any("process" in left for left in list_leftovers(world)), "the machine runs without its owner"
    stop_world(world)
    assert list_leftovers(world) == []


def test_up_creates_a_new_world_after_its_owner_was_killed(world: Settings) -> None:
    start_world(world)
    enter.run(world, "owned", ["touch", "/root/old"])
    os.kill(find_owner(world), signal.SIGKILL)
    assert start_world(world) is True
    assert enter.run(world, "owned", ["ls", "/root/old"]).exit_code != 0
    stop_world(world)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_up_orphans_nothing_after_down(world: Settings, number: signal.Signals) -> None:
    """The interruption occurs when a component of `up` has booted a machine and is not healthy."""
    program = (
        # A process that a shell script started in the background ignores SIGINT.
        "import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        " from rehearsal.settings import Settings; from tests.rehearsal.world.test_supervise import start_world;"
        " start_world(Settings.load(os.environ))"
    )
    variables = {
        **os.environ,
        "REHEARSAL_PORT": str(world.port),
        "REHEARSAL_HOME": str(world.home),
        "OWNER": "hangs",
    }
    with subprocess.Popen([sys.executable, "-c", program], env=variables, stderr=subprocess.DEVNULL) as starting:
        wait_for(lambda: any(machine.state == "running" for machine in enter.list_machines(world)))
        starting.send_signal(number)
    if number == signal.SIGKILL:
        assert list_leftovers(world) != []
        stop_world(world)
    assert list_leftovers(world) == []


def test_down_removes_a_world_with_a_frozen_disk(world: Settings) -> None:
    """A process that was killed during a snapshot leaves a frozen file system."""
    start_world(world)
    subprocess.run(["fsfreeze", "--freeze", str(world.mounts / "i-owned")], check=True)
    os.kill(find_owner(world), signal.SIGKILL)
    stop_world(world)
    assert list_leftovers(world) == []


def test_a_component_that_ends_at_once_is_reported_with_its_last_output(world: Settings) -> None:
    def broken(settings: Settings) -> tuple[Component, ...]:
        return (Component("broken", "tests.rehearsal.world.does_not_exist", settings.aws_port, grace=1.0),)

    with pytest.raises(RehearsalError, match=r"broken ended while it started: .*does_not_exist"):
        supervise.start_world(world, lambda _: None, broken)
    assert list_leftovers(world) == []


def test_a_port_in_use_is_reported_before_any_start(world: Settings) -> None:
    message = f"Port {world.console_port} .* in use"
    with socket.create_server(("127.0.0.1", world.console_port)), pytest.raises(RehearsalError, match=message):
        start_world(world)
    assert not (world.home / "pool.raw").exists()


def test_only_one_process_at_a_time_changes_a_world(world: Settings) -> None:
    with supervise.hold_world_lock(world), pytest.raises(RehearsalError, match="under way"):
        start_world(world)


def test_a_second_world_at_the_same_port_is_refused_and_leaves_the_first_alone(world: Settings, tmp_path: Path) -> None:
    second = replace(world, home=tmp_path / "second")
    assert start_world(world)
    before, process = namespaces.list_existing(world.name_namespace("")), find_owner(world)
    with pytest.raises(RehearsalError, match=f"A world in {world.home} runs with port {world.port}"):
        start_world(second)
    stop_world(second)
    assert before
    assert set(before) <= set(namespaces.list_existing(world.name_namespace("")))
    assert find_owner(world) == process
    stop_world(world)
