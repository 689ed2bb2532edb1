"""What Gogs does by itself: it fetches mirrors on a timer, which moves refs without any request that a proxy could refuse.

Only a restart with cron off ends that, so it is done where there are mirrors, and nowhere else: reads wait a second for it.
"""

from dataclasses import replace

from cutover_site.database.connections import connect, one, source_application
from cutover_site.gogs import service
from cutover_site.gogs.service import ConfiguredFor
from cutover_site.launch.configuration import on_source
from cutover_site.machine import Machine


def stop(machine: Machine) -> bool:
    """No mirror is fetched until `resume`; true if Gogs had to be restarted for it."""
    with connect(source_application(machine), timeout=10) as connection:
        mirrors = int(one(connection, "SELECT COUNT(*) FROM gogs.mirror"))
    return _switch(machine, on=False) if mirrors else False


def resume(machine: Machine) -> bool:
    """Gogs does its background work again; true if it had to be restarted for it."""
    return _switch(machine, on=True)


def _switch(machine: Machine, *, on: bool) -> bool:
    owner = service.read_configured_for(machine.layout)
    if owner is not None and owner.background == on:
        return False
    service.write_app_ini(machine.layout, replace(on_source(machine), background=on), volatile=False)
    service.stop()
    service.start()
    # Last: a switch that was cut off is done again.
    service.write_configured_for(machine.layout, ConfiguredFor(machine.instance_id, "source", background=on))
    return True
