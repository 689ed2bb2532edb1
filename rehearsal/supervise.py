"""Start and end a world: its folder, its components, and everything that they took."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from rehearsal import processes, requirements
from rehearsal.cleanup import discard, remove_all
from rehearsal.component import HEALTH, Component
from rehearsal.components import list_components
from rehearsal.environment import build_environment, prepare
from rehearsal.errors import RehearsalError
from rehearsal.settings import MARK, Settings
from rehearsal.world.cache import Report, prune
from rehearsal.world.database_image import choose_database_image
from rehearsal.world.images import make_image
from rehearsal.world.mirror import make_mirror

Parts = Callable[[Settings], Sequence[Component]]
"""Which components a world has, in the order of their start."""
_children: list[subprocess.Popen[bytes]] = []
_START_SECONDS = 120.0
_POLL_SECONDS = 0.1


def start_world(
    settings: Settings,
    report: Report,
    parts: Parts = list_components,
    prepare_more: Callable[[], object] = lambda: None,
) -> bool:
    """Start the world, after removing what an earlier one left; False when it runs already.

    `prepare_more` is called when the folders are made, before anything runs. Whatever ends it half way (an error, Ctrl-C, SIGTERM), nothing of it is left running. Raises RehearsalError.
    """
    requirements.require_root()
    settings.home.mkdir(parents=True, exist_ok=True)
    with hold_world_lock(settings):
        if all(is_healthy(component) and find_process(settings, component) for component in parts(settings)):
            return False
        requirements.require_no_other_world(settings)
        requirements.require_packages(report)
        requirements.require_space(settings)
        remove_all(settings)
        _reap()
        discard(settings, logs=True)
        requirements.require_ports(settings)
        requirements.require_kernel(settings)
        for folder in (settings.state, settings.logs, settings.downloads):
            folder.mkdir(parents=True, exist_ok=True)
        prepare(settings)
        make_image("debian-12", settings.cache, report)
        choose_database_image(settings, report)
        make_mirror(settings.cache, report)
        prune(settings.cache)
        prepare_more()
        try:
            for component in parts(settings):
                report(f"starting {component.name}")
                _start(settings, component)
        except BaseException:
            _end(settings, parts)
            raise
        return True


def stop_world(
    settings: Settings,
    report: Report,
    parts: Parts = list_components,
    before_files: Callable[[], object] = lambda: None,
) -> None:
    """End the world and remove all it took; harmless when there is none. Its logs and evidence stay. Raises RehearsalError.

    `before_files` is called when everything has ended, before the files are removed: it waits for those who still read them.
    While a world of another folder serves at the same ports, nothing is removed: the network namespaces are that world's.
    """
    requirements.require_root()
    if not settings.home.is_dir():
        return
    if other := requirements.find_serving_world(settings):
        report(f"nothing is removed: a world in {other} serves at these ports")
        return
    with hold_world_lock(settings):
        report("ending the world")
        _end(settings, parts)
        before_files()
        discard(settings, logs=False)


def find_process(settings: Settings, component: Component) -> int | None:
    """Return the process id of a component that runs."""
    try:
        number = int((settings.state / f"{component.name}.pid").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return number if processes.has_mark(settings, number) else None


def is_healthy(component: Component) -> bool:
    """Return whether the component reports that it is ready."""
    connection = http.client.HTTPConnection("127.0.0.1", component.port, timeout=5)
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status == 200
    except OSError:
        return False
    except http.client.HTTPException:
        return False
    finally:
        connection.close()


def kill_component(settings: Settings, component: Component) -> None:
    """Kill a component's process; returns when it is gone. Harmless when it does not run. `revive` starts it again."""
    number = find_process(settings, component)
    if number is not None:
        processes.end([number], signal.SIGKILL, component.grace)
    _reap()


def restart_component(settings: Settings, component: Component, variables: Mapping[str, str]) -> None:
    """Start a component that has ended, with these variables in its environment; returns when it serves. Raises RehearsalError."""
    _start(settings, component, variables)


def _start(settings: Settings, component: Component, more: Mapping[str, str] = MappingProxyType({})) -> None:
    log = settings.logs / f"{component.name}.log"
    variables = {**os.environ, **more, **build_environment(settings), MARK: settings.mark, "PYTHONUNBUFFERED": "1"}
    with log.open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", component.module],
            env=variables,
            cwd=settings.home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children.append(child)
    (settings.state / f"{component.name}.pid").write_text(f"{child.pid}\n")
    deadline = time.monotonic() + _START_SECONDS
    while not is_healthy(component):
        if child.poll() is not None:
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["no output"]
            raise RehearsalError(f"{component.name} ended while it started: {last[0]} (see {log}).")
        if time.monotonic() > deadline:
            raise RehearsalError(f"{component.name} did not serve within {_START_SECONDS:.0f} s (see {log}).")
        time.sleep(_POLL_SECONDS)


def _end(settings: Settings, parts: Parts) -> None:
    """Stop each component within its grace period. Kill what is left then."""
    for component in reversed(parts(settings)):
        number = find_process(settings, component)
        if number is not None:
            processes.end([number], signal.SIGTERM, component.grace)
        (settings.state / f"{component.name}.pid").unlink(missing_ok=True)
    remove_all(settings)
    _reap()


def _reap() -> None:
    """Take the exit codes of components that this process started and that have ended."""
    _children[:] = [child for child in _children if child.poll() is None]


@contextmanager
def hold_world_lock(settings: Settings) -> Iterator[None]:
    """Hold the lock that allows one `up` or `down` of a world at a time."""
    with (settings.home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RehearsalError(f"Another `up` or `down` of {settings.home} is under way: wait for it.") from None
        yield


@dataclass(frozen=True)
class Status:
    """One component as it is now; `process` is None when it does not run."""

    name: str
    port: int
    process: int | None
    healthy: bool


def list_statuses(settings: Settings, parts: Parts = list_components) -> list[Status]:
    """Return what runs."""
    return [Status(one.name, one.port, find_process(settings, one), is_healthy(one)) for one in parts(settings)]
