"""Makes this target serve one of the two trees with the schemas that belong to it. The same for a boot and for a switch."""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cutover_site import health, service
from cutover_site.application import load_behavior
from cutover_site.configured_for import (
    ConfiguredFor,
    find_rejection_reason,
    read_configured_for,
    write_configured_for,
)
from cutover_site.errors import NotConfigured
from cutover_site.files import efs
from cutover_site.files.efs import TargetMode
from cutover_site.launch import outbound
from cutover_site.launch.configuration import describe_target
from cutover_site.machine import Machine
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import Runtime
from cutover_site.system import systemd

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    mode: TargetMode
    background: bool
    switched: bool
    seconds: float


def parse_mode(text: str) -> TargetMode:
    """Return the mode of that name. Raises NotConfigured."""
    if text == "live":
        return "live"
    if text == "scratch":
        return "scratch"
    raise NotConfigured(f"mode {text!r} is neither scratch nor live")


def serve(machine: Machine, mode: TargetMode) -> Served:
    """Make the application serve the tree and the schemas of `mode`, healthy. Do nothing when it does already.

    Raises SiteError; the application is stopped then.
    """
    began = time.monotonic()
    application = machine.layout.application
    with _hold_machine_lock(machine):
        background = mode == "live" and is_leader(machine)
        wanted = ConfiguredFor(machine.instance_id, mode, background)
        if _is_staged(machine, wanted) and not health.find_application_problem(application):
            _allow_traffic(machine)
            return Served(mode, background, switched=False, seconds=time.monotonic() - began)
        _stage(machine, wanted)
        if mode == "live":
            outbound.hold_until_commit(machine)
        service.start(application)
        _allow_traffic(machine)
    LOG.info("serving %s", mode)
    return Served(mode, background, switched=True, seconds=time.monotonic() - began)


def stage(machine: Machine, mode: TargetMode) -> Served:
    """Do all of a switch but the start: stop the application, bind the tree and write the settings of `mode`. `serve` then has little to do.

    The balancers go on to count this instance as healthy, and no request gets to the application before `serve`.
    """
    began = time.monotonic()
    with _hold_machine_lock(machine):
        wanted = ConfiguredFor(machine.instance_id, mode, background=mode == "live" and is_leader(machine))
        staged = not _is_staged(machine, wanted)
        if staged:
            _stage(machine, wanted)
            _proxy(machine).switch("staged")
    return Served(mode, wanted.background, switched=staged, seconds=time.monotonic() - began)


def _is_staged(machine: Machine, wanted: ConfiguredFor) -> bool:
    owner = read_configured_for(machine.layout)
    return owner == wanted and not find_rejection_reason(machine.layout, machine.instance_id)


def _stage(machine: Machine, wanted: ConfiguredFor) -> None:
    """Configure the application, which must not run then, for `wanted`. `configured_for` is written last: it says that all of this was done."""
    mode = parse_mode(wanted.mode)
    if _is_staged(machine, wanted):
        return
    application = machine.layout.application
    settings = describe_target(machine, mode, background=wanted.background)
    efs.mount(machine)
    service.stop(application)
    machine.layout.configured_for.unlink(missing_ok=True)
    efs.bind(machine, mode)
    load_behavior(application).configure(machine.layout, settings)
    open_proxy(machine)
    write_configured_for(machine.layout, wanted)


@contextmanager
def _hold_machine_lock(machine: Machine) -> Iterator[None]:
    """Hold the lock of this machine: boot, timer and procedure switch one at a time."""
    machine.layout.state.mkdir(parents=True, exist_ok=True)
    with (machine.layout.state / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def open_proxy(machine: Machine) -> None:
    """Open this machine's proxy: a copy of a frozen source's disk would start frozen."""
    modes = _proxy(machine)
    modes.store("open")
    if systemd.is_active("haproxy.service"):
        modes.switch("open")
    else:
        systemd.start("haproxy.service")


def _allow_traffic(machine: Machine) -> None:
    """Let requests through: the application is healthy."""
    open_proxy(machine)
    _proxy(machine).runtime.mark_application_up()


def _proxy(machine: Machine) -> ProxyModes:
    return ProxyModes(machine.layout.proxy, Runtime(machine.layout.proxy_socket))


def is_leader(machine: Machine) -> bool:
    """Return whether this instance does the background work, which only one may do: the one with the lowest id of those in service."""
    group = str(machine.target.get("auto_scaling_group", ""))
    serving = machine.aws.list_group_instances(group) if group else []
    return not serving or machine.instance_id == min([*serving])


def reconcile_background(machine: Machine) -> Served | None:
    """Take the background work over, or hand it on, when the group has changed, and send after the commit what was held until then.

    None: this machine does not serve live.
    """
    owner = read_configured_for(machine.layout)
    if owner is None or owner.instance_id != machine.instance_id or owner.mode != "live":
        return None
    if owner.background == is_leader(machine):
        served = Served("live", owner.background, switched=False, seconds=0.0)
    else:
        served = serve(machine, "live")
    if served.background and outbound.is_release_due(machine.layout):
        outbound.release_after_commit(machine)
    return served
