"""Send all traffic of the source to the target. Before the window the running proxy learns the target's address, so that nothing is reloaded in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from cutover_site.aws import permission
from cutover_site.errors import Refused
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.store import disarm_for_application
from cutover_site.proxy.drain import POLL_INTERVAL_SECONDS, ZERO_COUNTS_NEEDED
from cutover_site.proxy.forwarding import Address, render_configuration
from cutover_site.proxy.known_targets import is_known_target
from cutover_site.proxy.reload import end_former_workers, end_idle_former_workers, reload_and_wait
from cutover_site.proxy.runtime import ProxyError
from cutover_site.system import systemd, textfiles

LOG = logging.getLogger(__name__)
READS_BACKEND = "application_reads"
READ_SECONDS = 20.0
"""how long reads in flight may take to end when the source begins to forward"""
FORMER_WORKER_SECONDS = 10.0
"""how long a former worker may take to end before the window. One with a longer request ends later, with that request"""


def prepare_forward(server: ApplicationServer, run: str, addresses: Mapping[str, Address]) -> dict[str, Any]:
    """Write the target's addresses, by the port's name, into the running proxy of an open site. The site goes on as before.

    HAProxy reads the addresses at a reload, which cuts no request. A former worker does not know them, so its idle connections end here: what
    a freeze holds is then held by a worker that can send it to the target. Raises Refused while the site is not open, or when the run is over.
    """
    with server.store.hold_lock():
        permission.require_undecided(server.machine.record, run)
        if (found := server.store.read().name) != "open" or server.modes.read_stored() != "open":
            raise Refused(
                f"the machine is {found}, and the target's address is prepared while the site is open",
                next_action="end the run that froze the machine first",
            )
        reloaded = not _is_prepared(server, addresses)
        if reloaded:
            _write_configuration(server, addresses)
            reload_and_wait(server.runtime, lambda: systemd.reload("haproxy.service"))
            if not is_known_target(server.runtime, addresses):
                raise ProxyError("HAProxy does not know the target after its reload")
    left = end_idle_former_workers(server.runtime, FORMER_WORKER_SECONDS)
    return {"reloaded": reloaded, "former_workers": len(left), **_describe(addresses)}


def forward(server: ApplicationServer, run: str, addresses: Mapping[str, Address]) -> dict[str, Any]:
    """Send all traffic to the target from now on. This cannot be undone.

    What the proxy holds goes to the target too, unless its address was not prepared: then HAProxy is reloaded, and the former worker, which
    knows no target, stays frozen and refuses what it holds when the bounds are over.
    """
    with server.store.hold_lock():
        state = server.store.read().forward(run)
        held = server.count_held_facts()
        if prepared := _is_prepared(server, addresses):
            server.store.write(state)
            server.modes.switch("forward")
        else:
            _write_configuration(server, addresses)
            server.store.write(state)
            # On disk before the reload, because the new worker reads the mode there and must not read `frozen`.
            server.modes.store("forward")
            reload_and_wait(server.runtime, lambda: systemd.reload("haproxy.service"))
        if (mode := server.modes.read_running()) != "forward":
            raise ProxyError(f"HAProxy is {mode} after it was set to forward")
        disarm_for_application(server.layout)
        _end_reads(server)
        for unit in reversed(server.layout.application.units):
            systemd.stop(unit)
            systemd.disable(unit)
    return {"mode": "forward", "prepared": prepared, **held, **_describe(addresses)}


def _is_prepared(server: ApplicationServer, addresses: Mapping[str, Address]) -> bool:
    """Return whether the running proxy, and one that is restarted, sends to these addresses."""
    try:
        stored = (server.modes.folder / "forward.cfg").read_text()
    except OSError:
        return False
    return stored == _render(addresses) and is_known_target(server.runtime, addresses)


def _write_configuration(server: ApplicationServer, addresses: Mapping[str, Address]) -> None:
    textfiles.replace(server.modes.folder / "forward.cfg", _render(addresses))


def _render(addresses: Mapping[str, Address]) -> str:
    return render_configuration(addresses["http"], {name: one for name, one in addresses.items() if name != "http"})


def _end_reads(server: ApplicationServer) -> None:
    """Wait until the source answers no read any more, for READ_SECONDS at most, and end the former workers."""
    deadline, zeros = time.monotonic() + READ_SECONDS, 0
    while zeros < ZERO_COUNTS_NEEDED and time.monotonic() < deadline:
        zeros = zeros + 1 if not server.runtime.count_sessions(READS_BACKEND) else 0
        time.sleep(POLL_INTERVAL_SECONDS)  # the runtime API has no event for the end of a session
    if ended := end_former_workers(server.runtime, max(0.0, deadline - time.monotonic())):
        LOG.warning("HAProxy's workers %s had not ended after %.0f s", ended, READ_SECONDS)


def _describe(addresses: Mapping[str, Address]) -> dict[str, str]:
    return {name: f"{address.host}:{address.port}" for name, address in addresses.items()}
