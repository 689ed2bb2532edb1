"""This target serves one of the two trees with the schema that belongs to it. The same for a boot and for a switch."""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cutover_site.errors import NotConfigured
from cutover_site.files import efs
from cutover_site.files.efs import TargetMode
from cutover_site.gogs import deliveries, health, home, identity, service
from cutover_site.gogs.ini import parse
from cutover_site.gogs.service import ConfiguredFor
from cutover_site.launch.configuration import on_target
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


def mode_of(text: str) -> TargetMode:
    if text == "live":
        return "live"
    if text == "scratch":
        return "scratch"
    raise NotConfigured(f"mode {text!r} is neither scratch nor live")


def serve(machine: Machine, mode: TargetMode) -> Served:
    """Gogs is healthy on the tree and schema of `mode`. Nothing happens when it is already. Raises SiteError; Gogs is stopped then."""
    began = time.monotonic()
    with _alone(machine):
        background = mode == "live" and leads(machine)
        wanted = ConfiguredFor(machine.instance_id, mode, background)
        if _is_staged(machine, wanted) and not health.ask():
            _let_in(machine)
            return Served(mode, background, switched=False, seconds=time.monotonic() - began)
        _stage(machine, wanted)
        if mode == "live":
            deliveries.hold_before_commit(machine)
        service.start()
        _let_in(machine)
    LOG.info("serving %s", mode)
    return Served(mode, background, switched=True, seconds=time.monotonic() - began)


def stage(machine: Machine, mode: TargetMode) -> Served:
    """All of a switch but the start: Gogs is stopped, tree and configuration are those of `mode`. `serve` then has little to do.

    The balancers go on to count this instance as healthy, and nobody's request gets to Gogs before `serve`.
    """
    began = time.monotonic()
    with _alone(machine):
        wanted = ConfiguredFor(machine.instance_id, mode, background=mode == "live" and leads(machine))
        staged = not _is_staged(machine, wanted)
        if staged:
            _stage(machine, wanted)
            _proxy(machine).switch("staged")
    return Served(mode, wanted.background, switched=staged, seconds=time.monotonic() - began)


def _is_staged(machine: Machine, wanted: ConfiguredFor) -> bool:
    owner = service.read_configured_for(machine.layout)
    return owner == wanted and not service.objection(machine.layout, machine.instance_id)


def _stage(machine: Machine, wanted: ConfiguredFor) -> None:
    """`configured_for` is written last: it is what says that all of this was done."""
    mode = mode_of(wanted.mode)
    if _is_staged(machine, wanted):
        return
    instance = on_target(machine, mode, background=wanted.background)
    efs.mount(machine)
    service.stop()
    machine.layout.configured_for.unlink(missing_ok=True)
    efs.bind(machine, mode)
    service.prepare_folders(machine.layout, machine.instance_id)
    home.restore(machine.layout, instance.home)
    identity.require_deletion(machine.layout, parse(instance.inherited))
    service.write_app_ini(machine.layout, instance, volatile=True)
    open_proxy(machine)
    service.write_configured_for(machine.layout, wanted)


@contextmanager
def _alone(machine: Machine) -> Iterator[None]:
    """Boot, timer and procedure switch one at a time."""
    machine.layout.state.mkdir(parents=True, exist_ok=True)
    with (machine.layout.state / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def open_proxy(machine: Machine) -> None:
    """A copy of a frozen source's disk would start frozen: this machine's proxy is open, whatever the copy says."""
    modes = _proxy(machine)
    modes.store("open")
    if systemd.is_active("haproxy.service"):
        modes.switch("open")
    else:
        systemd.start("haproxy.service")


def _let_in(machine: Machine) -> None:
    """Gogs is healthy, and its proxy knows."""
    open_proxy(machine)
    _proxy(machine).runtime.mark_application_up()


def _proxy(machine: Machine) -> ProxyModes:
    return ProxyModes(machine.layout.proxy, Runtime(machine.layout.proxy_socket))


def leads(machine: Machine) -> bool:
    """Whether this instance does what only one may do (cron, mirrors): the one with the lowest id of those in service."""
    group = str(machine.target.get("auto_scaling_group", ""))
    serving = machine.aws.group_instances(group) if group else []
    return not serving or machine.instance_id == min([*serving])


def tend(machine: Machine) -> Served | None:
    """Takes the background work over, or hands it on, when the group has changed, and tells after the commit what was held until then.
    None: this machine does not serve live.
    """
    owner = service.read_configured_for(machine.layout)
    if owner is None or owner.instance_id != machine.instance_id or owner.mode != "live":
        return None
    if owner.background == leads(machine):
        served = Served("live", owner.background, switched=False, seconds=0.0)
    else:
        served = serve(machine, "live")
    if served.background and deliveries.release_pending_file(machine.layout).exists():
        deliveries.release_after_commit(machine)
    return served
