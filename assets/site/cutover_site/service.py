"""Start and stop the application of this machine by the systemd units of its profile."""

from __future__ import annotations

from applications.profile import Profile

from cutover_site import health
from cutover_site.system import systemd

START_SECONDS = 60.0


def start(application: Profile, timeout_seconds: float = START_SECONDS) -> float:
    """Return the seconds until the application was healthy, and its proxy had seen it. Raises CommandFailed or Unhealthy."""
    for unit in application.units:
        systemd.start(unit, timeout=timeout_seconds)
    advice = "journalctl " + " ".join(f"-u {unit}" for unit in (*application.units, "haproxy.service"))
    own = health.wait_until_healthy(
        lambda: health.find_application_problem(application), timeout_seconds, advice=advice
    )
    return own + health.wait_until_healthy(health.find_proxy_problem, timeout_seconds, advice=advice)


def stop(application: Profile) -> None:
    """Stop all units, the one that serves last. Stopping what does not run is no error."""
    for unit in reversed(application.units):
        systemd.stop(unit)
