"""Make this target serve one of the two trees with its schemas. A boot and a switch use the same code."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
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
from cutover_site.system import systemd
from cutover_site.system.locks import hold_lock

LOG = logging.getLogger(__name__)
LOCK = "serve.lock"
"""boot, timer and procedure switch one after another"""


@dataclass(frozen=True)
class Served:
    mode: TargetMode
    background: bool
    switched: bool
    seconds: float


def parse_mode(text: str) -> TargetMode:
    """Return the mode with this name. Raises NotConfigured for another name."""
    if text == "live":
        return "live"
    if text == "scratch":
        return "scratch"
    raise NotConfigured(f"mode {text!r} is neither scratch nor live")


def serve(
    machine: Machine, mode: TargetMode, *, as_staged: bool = False, permit: Callable[[], None] = lambda: None
) -> Served:
    """Make the application serve the tree and the schemas of `mode`, healthy. It does nothing when it serves them already.

    `as_staged`: keep the choice of the background work that `stage` made, because users wait and auto scaling would be asked again. If the
    group has changed since, the timer of `reconcile_background` corrects it. `permit` raises Refused when the switch has become wrong while
    another one had the lock. Raises SiteError; the application is then stopped.
    """
    began = time.monotonic()
    application = machine.layout.application
    with hold_lock(machine.layout.state / LOCK):
        permit()
        wanted = _get_staged(machine, mode) if as_staged else None
        if wanted is None:
            wanted = ConfiguredFor(machine.instance_id, mode, background=mode == "live" and is_leader(machine))
        background = wanted.background
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
    """Do everything of a switch except the start, so that `serve` then needs little time.

    It stops the application, binds the tree and writes the settings of `mode`. The load balancers still count this instance as
    healthy, and the application gets no request before `serve`.
    """
    began = time.monotonic()
    with hold_lock(machine.layout.state / LOCK):
        wanted = ConfiguredFor(machine.instance_id, mode, background=mode == "live" and is_leader(machine))
        staged = not _is_staged(machine, wanted)
        if staged:
            _stage(machine, wanted)
            machine.proxy.switch("staged")
    return Served(mode, wanted.background, switched=staged, seconds=time.monotonic() - began)


def _is_staged(machine: Machine, wanted: ConfiguredFor) -> bool:
    owner = read_configured_for(machine.layout)
    return owner == wanted and not find_rejection_reason(machine.layout, machine.instance_id)


def _get_staged(machine: Machine, mode: TargetMode) -> ConfiguredFor | None:
    """Return what this machine is staged for, if it is staged for `mode`."""
    owner = read_configured_for(machine.layout)
    return owner if owner and owner.mode == mode and _is_staged(machine, owner) else None


def _stage(machine: Machine, wanted: ConfiguredFor) -> None:
    """Configure the stopped application for `wanted`.

    `configured_for` is written last, because it states that everything before it was done.
    """
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


def open_proxy(machine: Machine) -> None:
    """Open this machine's proxy. The disk of a frozen source would start it frozen."""
    machine.proxy.store("open")
    if systemd.is_active("haproxy.service"):
        machine.proxy.switch("open")
    else:
        systemd.start("haproxy.service")


def _allow_traffic(machine: Machine) -> None:
    """Open the proxy for requests, because the application is healthy."""
    open_proxy(machine)
    machine.proxy.runtime.mark_application_up()


def is_leader(machine: Machine) -> bool:
    """Return whether this instance does the background work: it has the lowest id of the group's instances in service."""
    group = str(machine.target.get("auto_scaling_group", ""))
    serving = machine.aws.list_group_instances(group) if group else []
    return not serving or machine.instance_id == min([*serving])


def reconcile_background(machine: Machine) -> Served | None:
    """Start or stop the background work when the group has changed, and release held outbound work after the commit.

    None: this machine does not serve the live data.
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
