"""Propose the adoption of an existing Gogs: it moves to ports of its own, and keeps everything else that it has."""

from __future__ import annotations

from pathlib import Path

from applications.profile import Profile

from cutover_site.adopt.proposal import Proposal, SettingsChange
from cutover_site.errors import NotConfigured
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress
from cutover_site.existing.listeners import find_listeners
from cutover_site.gogs import adoption, identity
from cutover_site.gogs.existing.installation_facts import choose_ports, describe_installation
from cutover_site.gogs.existing.inventory import BUILT_IN, Inventory
from cutover_site.gogs.existing.places import Place
from cutover_site.gogs.existing.reading import read_inventory
from cutover_site.gogs.existing.settings_change import compute_changes, describe_changes
from cutover_site.gogs.ini import DOLLAR, parse
from cutover_site.gogs.ini_edit import edit
from cutover_site.gogs.renames import modernize


def propose(host: Host, profile: Profile, place: Place) -> Proposal:
    """Return the proposal for an installation. Raises NotConfigured, OSError."""
    inventory = read_inventory(place, is_version_read=False)
    if inventory.http.protocol != "http":
        raise NotConfigured(
            f"[server] PROTOCOL is {inventory.http.protocol}, and the proxy that holds writes speaks http to Gogs",
            next_action="run check-source, and do what its finding asks for",
        )
    listeners = find_listeners(host)
    listens = choose_ports(profile, listeners)
    file = place.app_ini.resolve()
    raw = file.read_bytes()
    text = _decode(raw, file)
    changes = compute_changes(parse(text), place.environment, listens, has_ssh=inventory.ssh.mode == BUILT_IN)
    ini = modernize(parse(text))
    return Proposal(
        installation=describe_installation(host, inventory, profile, listeners, listens),
        settings=SettingsChange(
            host.strip(file), edit(text, changes).encode(), tuple(describe_changes(parse(text), changes))
        ),
        site_url=inventory.http.url,
        dns_names=describe_dns_names(inventory),
        database=DatabaseAddress(
            inventory.database.host,
            inventory.database.port,
            inventory.database.socket,
            (inventory.database.schema,),
            inventory.database.user,
        ),
        environment={DOLLAR: "$"},
        identity_headers=tuple(identity.list_headers(ini)),
        warnings=tuple(adoption.find_warnings(ini)),
    )


def describe_dns_names(inventory: Inventory) -> dict[str, str]:
    """Return the public names that differ from that of the site, by the name of the port; empty for one that does not."""
    return {"ssh": "" if inventory.ssh.domain == inventory.http.host else inventory.ssh.domain}


def _decode(raw: bytes, file: Path) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise NotConfigured(f"{file} is not UTF-8", next_action="convert it to UTF-8, then try again") from None
