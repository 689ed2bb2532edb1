"""Compare an adopted Gogs with what site.json states about it. An administrator may move data after the adoption; a run would lose it."""

from __future__ import annotations

from collections.abc import Iterator

from cutover_site.errors import NotConfigured
from cutover_site.existing.host import Host
from cutover_site.gogs.existing.inventory import BUILT_IN, Inventory
from cutover_site.gogs.existing.places import find_place_of_unit
from cutover_site.gogs.existing.proposal import list_roots
from cutover_site.gogs.existing.reading import read_inventory
from cutover_site.layout import Layout


def find_drift(layout: Layout) -> list[str]:
    """Return a sentence for each place of this source that is no longer where it was adopted; none for a site with the profile's own layout."""
    found, host = layout.installation, Host(layout.root)
    if found is None:
        return []
    place = find_place_of_unit(host, found.unit)
    if place is None:
        return [f"{found.unit} does not start Gogs any more"]
    try:
        inventory = read_inventory(place, is_version_read=False)
    except (OSError, NotConfigured) as error:
        return [f"app.ini cannot be read: {error}"]
    seen = dict(_list_facts(host, inventory))
    known = {
        "program": found.program,
        "app.ini": found.settings,
        "user": f"{found.user} ({found.uid})",
        "schema": found.schema,
        "HTTP port": str(found.listens["http"]),
        **({"SSH port": str(found.listens["ssh"])} if "SSH port" in seen else {}),
        **{f"port for users of {name}": str(port) for name, port in found.public_ports.items()},
        **found.roots,
    }
    return [
        f"{name} is {seen.get(name, 'not known')}, it was {known.get(name, 'not known')} when this machine was adopted"
        for name in sorted({*seen, *known})
        if seen.get(name) != known.get(name)
    ]


def _list_facts(host: Host, inventory: Inventory) -> Iterator[tuple[str, str]]:
    account = inventory.place.account
    yield "program", host.strip(inventory.binary)
    yield "app.ini", host.strip(inventory.app_ini)
    yield "user", f"{account.name} ({account.uid})" if account else ""
    yield "schema", inventory.database.schema
    yield "HTTP port", str(inventory.http.port)
    if inventory.ssh.mode == BUILT_IN:
        yield "SSH port", str(inventory.ssh.listen_port)
        yield "port for users of ssh", str(inventory.ssh.port)
    yield from list_roots(host, inventory).items()
