"""Check an existing Gogs: whether what is there can be migrated. Implements `cutover_site.existing.inspection.Inspector`."""

from __future__ import annotations

from pathlib import Path

from applications.profile import Profile

from cutover_site.adopt.proposal import Proposal
from cutover_site.errors import NotConfigured
from cutover_site.existing.data import Folder
from cutover_site.existing.findings import stop
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress, Inspection
from cutover_site.existing.listeners import find_listeners
from cutover_site.gogs import hooks, timers
from cutover_site.gogs.existing import installation_checks, proposal, settings_change, ways
from cutover_site.gogs.existing.inventory import MYSQL, Inventory
from cutover_site.gogs.existing.layout_limits import check_layout
from cutover_site.gogs.existing.places import Place, create_place, find_places
from cutover_site.gogs.existing.reading import read_inventory
from cutover_site.gogs.ini import load
from cutover_site.gogs.layout import GogsLayout
from cutover_site.gogs.renames import modernize
from cutover_site.layout import Layout


def inspect(host: Host, profile: Profile, settings: Path | None) -> Inspection:
    """Return the Gogs of this machine with everything that would stop its migration. `settings`: its app.ini, None to search for it."""
    places = find_places(host)
    chosen = _choose_place(host, places, settings)
    if chosen is None:
        return Inspection()
    result = Inspection(is_found=True, account=chosen.account)
    result.findings += installation_checks.check_place(chosen, places)
    if chosen.is_in_container:
        return result
    try:
        inventory = read_inventory(chosen)
    except (OSError, NotConfigured) as error:
        reason = error.reason if isinstance(error, NotConfigured) else str(error)
        result.findings.append(
            stop(
                "settings",
                f"the settings of Gogs cannot be read: {reason}",
                "name the file by --app-ini, or correct it",
            )
        )
        return result
    _add_inventory(result, host, profile, inventory)
    return result


def propose(host: Host, profile: Profile, settings: Path | None) -> Proposal:
    """Return what an adoption would change. Implements `cutover_site.adopt.proposal.Proposer`. Raises NotConfigured."""
    place = _choose_place(host, find_places(host), settings)
    if place is None:
        raise NotConfigured("no Gogs was found on this machine", next_action="name its app.ini by --settings")
    try:
        return proposal.propose(host, profile, place)
    except OSError as error:
        raise NotConfigured(f"the settings of Gogs cannot be read: {error}", next_action="correct this") from error


def resume_settings(layout: Layout) -> None:
    """Switch the timers of Gogs on in its app.ini, which a freeze has switched off."""
    if layout.installation:
        timers.switch_background(GogsLayout.extend(layout), on=True)


def revert_settings(current: bytes, before: bytes, adopted: bytes) -> bytes:
    """Return the settings without what an adoption changed."""
    return settings_change.revert_settings(current, before, adopted)


def _add_inventory(result: Inspection, host: Host, profile: Profile, inventory: Inventory) -> None:
    """Add what the inventory of an installation contains."""
    listeners = find_listeners(host)
    result.facts = {**inventory.to_facts(), **ways.describe_ways(host, inventory, listeners)}
    result.folders = tuple(
        Folder(root.name, root.path, is_required=root.name == "repositories") for root in inventory.roots
    )
    result.findings += [
        *installation_checks.check_release(inventory, profile),
        *installation_checks.check_database(inventory),
        *installation_checks.check_settings(inventory),
        *ways.check_ways(inventory, listeners),
        *check_layout(host, inventory, profile),
        *installation_checks.check_repositories(inventory, profile),
        *(stop("hooks", problem, _advise_hooks(inventory)) for problem in hooks.find_problems(inventory)),
    ]
    database = inventory.database
    if database.kind == MYSQL:
        result.database = DatabaseAddress(
            database.host, database.port, database.socket, (database.schema,), database.user
        )


def _advise_hooks(inventory: Inventory) -> str:
    user = inventory.place.account.name if inventory.place.account else inventory.run_user
    return (
        f"run `{inventory.binary} admin resync-hooks --config={inventory.app_ini}` as {user}, which writes the hooks but makes none executable,"
        " then chmod 755 them"
    )


def _choose_place(host: Host, places: list[Place], settings: Path | None) -> Place | None:
    if settings is None:
        return places[0] if places else None
    for place in places:
        if place.app_ini == settings or (
            place.app_ini.exists() and settings.exists() and place.app_ini.samefile(settings)
        ):
            return place
    try:
        user = modernize(load(settings)).get("", "RUN_USER") or "git"
    except (OSError, NotConfigured):
        user = ""
    return create_place(host, settings, user)
