"""Compare an adopted Gogs with what site.json states about it.

An administrator may move data or the database after the adoption; a run would lose it. With another address the target would serve at the former one.
"""

from __future__ import annotations

from collections.abc import Iterator

from cutover_site.config import SiteConfig, SourceDatabase
from cutover_site.errors import NotConfigured
from cutover_site.existing.host import Host
from cutover_site.gogs.adoption import normalize_url
from cutover_site.gogs.existing.installation_facts import list_roots
from cutover_site.gogs.existing.inventory import BUILT_IN, Inventory
from cutover_site.gogs.existing.places import find_place_of_unit
from cutover_site.gogs.existing.proposal import describe_dns_names
from cutover_site.gogs.existing.reading import read_inventory
from cutover_site.layout import Layout

ADDRESS = "address (EXTERNAL_URL)"
LOCALHOST, DATABASE_PORT = "localhost", 3306
"""as the adoption writes them for a database without an address"""


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
        **_list_addresses(SiteConfig.load(layout)),
    }
    seen.update(_read_addresses(inventory))
    return [
        f"{name} is {seen.get(name, 'not known')}, it was {known.get(name, 'not known')} when this machine was adopted"
        for name in sorted({*seen, *known})
        if not _is_same(name, seen.get(name), known.get(name))
    ]


def _list_addresses(config: SiteConfig) -> dict[str, str]:
    """Return the addresses that site.json has."""
    domain = config.dns_names.get("ssh", "")
    return {
        ADDRESS: config.site_url,
        **({"SSH domain": domain} if domain else {}),
        **({"database": _format_database(config.source_database)} if config.source_database else {}),
    }


def _read_addresses(inventory: Inventory) -> dict[str, str]:
    """Return the addresses that app.ini has, in the form of site.json."""
    proposed, database = describe_dns_names(inventory), inventory.database
    domain = proposed.get("ssh", "")
    address = SourceDatabase(database.host or LOCALHOST, database.port or DATABASE_PORT, "")
    return {
        ADDRESS: inventory.http.url,
        **({"SSH domain": domain} if domain else {}),
        "database": _format_database(address),
    }


def _format_database(database: SourceDatabase) -> str:
    return f"{database.host}:{database.port}"


def _is_same(name: str, seen: str | None, known: str | None) -> bool:
    if name == ADDRESS and seen and known:
        return normalize_url(seen) == normalize_url(known)
    return seen == known


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
