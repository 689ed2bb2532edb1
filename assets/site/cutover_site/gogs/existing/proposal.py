"""Propose the adoption of an existing Gogs: it moves to ports of its own, and keeps everything else that it has.

Gogs has no other way to another port: `gogs web --port` changes the address of the site too, and nothing sets the port of the SSH server. A copy
of app.ini would be another file than the one that the hooks name. So app.ini itself is changed, in as few lines as possible.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from applications.installation import Installation
from applications.profile import Profile

from cutover_site.adopt.proposal import Proposal, SettingsChange
from cutover_site.errors import NotConfigured
from cutover_site.existing.fronts import find_key_files
from cutover_site.existing.host import Host
from cutover_site.existing.inspection import DatabaseAddress
from cutover_site.existing.listeners import Listener, find_listeners, select_port
from cutover_site.gogs import adoption, effective, identity
from cutover_site.gogs.existing.inventory import BUILT_IN, DISABLED, Inventory
from cutover_site.gogs.existing.places import Place
from cutover_site.gogs.existing.reading import read_inventory
from cutover_site.gogs.existing.settings import DEFAULTS
from cutover_site.gogs.ini import DOLLAR, Ini, format_value, parse
from cutover_site.gogs.ini_edit import edit
from cutover_site.gogs.renames import modernize

PLACES = {
    "repositories": "repositories",
    "attachments": "data/attachments",
    "avatars": "data/avatars",
    "repository avatars": "data/repo-avatars",
    "LFS objects": "data/lfs-objects",
    "SSH server's keys": "data/ssh",
}
"""the folder below the data root for each kind of data of the inventory"""
SESSIONS = "data/sessions"
LOCAL = "127.0.0.1"
EVERY_ADDRESS = ("", "0.0.0.0", "::", "[::]")
HTTPS = 443
MAX_PORT = 65535
Settings = Mapping[tuple[str, str], str]


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
            host.strip(file), edit(text, changes).encode(), tuple(_describe_changes(parse(text), changes))
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


def choose_ports(profile: Profile, listeners: Sequence[Listener]) -> dict[str, int]:
    """Return a free port of this machine for each port of the application, from the one of the profile on.

    The ports of a target's proxy are not free, because the target has the same settings.
    """
    taken = {one.port for one in listeners} | {port.number for port in profile.ports} | {22, HTTPS}
    found: dict[str, int] = {}
    for port in profile.ports:
        found[port.name] = next(number for number in range(port.upstream, MAX_PORT) if number not in taken)
        taken.add(found[port.name])
    return found


def compute_changes(raw: Ini, environment: Mapping[str, str], listens: Mapping[str, int], *, has_ssh: bool) -> Settings:
    """Return the raw values that let Gogs listen at these ports of the machine itself, and keep every other setting as Gogs uses it now.

    Other settings may refer to the port or be derived from it, as the address of the site is. They get the value that they have.
    """
    wanted = {
        ("server", "HTTP_ADDR"): LOCAL,
        ("server", "HTTP_PORT"): str(listens["http"]),
        # The hooks of a push call Gogs at this address. Through the proxy a freeze would hold them, and wait for their push.
        ("server", "LOCAL_ROOT_URL"): f"http://{LOCAL}:{listens['http']}/",
    }
    if has_ssh:
        wanted |= {("server", "SSH_LISTEN_HOST"): LOCAL, ("server", "SSH_LISTEN_PORT"): str(listens["ssh"])}
    before, after = _merge(raw, {}), _merge(raw, wanted)
    kept = {}
    for section, keys in before.sections.items():
        for key in keys:
            now = effective.get_effective_value(before, section, key, environment=environment)
            if (section, key) not in wanted and now != effective.get_effective_value(
                after, section, key, environment=environment
            ):
                kept[section, key] = format_value(now)
    return {**kept, **wanted}


def describe_installation(
    host: Host,
    inventory: Inventory,
    profile: Profile,
    listeners: Sequence[Listener],
    listens: Mapping[str, int],
) -> Installation:
    """Return where everything is, as site.json has it. Raises NotConfigured for an installation whose user is not known."""
    place = inventory.place
    if place.account is None:
        raise NotConfigured("the user that Gogs runs as does not exist on this machine")
    free = max(listens.values()) + 1
    ssh, http = inventory.ssh, inventory.http
    taken = {one.port for one in listeners} | {*listens.values()} | {port.number for port in profile.ports}
    while free in taken:
        free += 1
    return Installation(
        program=host.strip(place.program),
        settings=host.strip(place.app_ini),
        work_folder=host.strip(place.work_folder),
        custom_folder=host.strip(place.custom_folder),
        data_folder=host.strip(inventory.data_folder),
        log_folder=host.strip(inventory.log_folder),
        roots=list_roots(host, inventory),
        home=host.strip(Path(place.home or place.account.home)),
        user=place.account.name,
        uid=place.account.uid,
        group=host.find_group(place.account.gid) or place.account.name,
        gid=place.account.gid,
        unit=place.unit,
        schema=inventory.database.schema,
        listens=dict(listens),
        front={
            "http": format_bind(http.address, http.port, listeners),
            "ssh": format_bind(ssh.listen_address, ssh.listen_port, listeners)
            if ssh.mode == BUILT_IN
            else f"{LOCAL}:{free}",
        },
        public_ports={"ssh": ssh.port} if ssh.mode == BUILT_IN else {},
        other_fronts=_list_other_fronts(profile, inventory, listeners),
        secret_files=tuple(_list_secret_files(host, place.app_ini)),
    )


def format_bind(address: str, port: int, listeners: Sequence[Listener]) -> str:
    """Return where HAProxy must listen to be reached as Gogs was: an address of its setting `bind`, with its options.

    Go takes 0.0.0.0 for every address of the machine, those of IPv6 too (net.Listen); HAProxy takes it for those of IPv4.
    """
    if address in EVERY_ADDRESS and any(one.address == "::" for one in select_port(listeners, port)):
        return f":::{port} v4v6"
    return f"[{address}]:{port}" if ":" in address and not address.startswith("[") else f"{address}:{port}"


def list_roots(host: Host, inventory: Inventory) -> dict[str, str]:
    """Return each folder with data of the site, by its folder below the data root."""
    found = {
        PLACES[root.name]: host.strip(root.path)
        for root in inventory.roots
        if inventory.ssh.mode != DISABLED or PLACES[root.name] != "data/ssh"
    }
    return {**found, SESSIONS: host.strip(Path(inventory.session_folder))} if inventory.session_folder else found


def revert_settings(current: bytes, before: bytes, adopted: bytes) -> bytes:
    """Return app.ini as it is now, with the values that it had before in each setting that the adoption changed."""
    old, new = parse(before.decode()), parse(adopted.decode())
    changed = {
        (section, key)
        for ini in (old, new)
        for section, keys in ini.sections.items()
        for key in keys
        if old.sections.get(section, {}).get(key) != new.sections.get(section, {}).get(key)
    }
    return edit(
        current.decode(), {(section, key): old.sections.get(section, {}).get(key) for section, key in sorted(changed)}
    ).encode()


def _merge(raw: Ini, more: Settings) -> Ini:
    merged = {name: dict(keys) for name, keys in DEFAULTS.items()}
    for name, keys in raw.sections.items():
        merged.setdefault(name, {}).update(keys)
    for (section, key), value in more.items():
        merged.setdefault(section, {})[key] = value
    return Ini(merged)


def _describe_changes(old: Ini, changes: Settings) -> list[str]:
    return [
        f"[{section}] {key} = {old.get(section, key) or '(default)'} -> {value}"
        for (section, key), value in changes.items()
    ]


def _list_other_fronts(profile: Profile, inventory: Inventory, listeners: Sequence[Listener]) -> tuple[str, ...]:
    """Return the units of other programs at the public ports: a target has a load balancer in their place."""
    numbers: Collection[int] = {port.number for port in profile.public_ports} | {HTTPS}
    return tuple(
        sorted(
            {
                one.unit
                for number in numbers
                for one in select_port(listeners, number)
                if one.unit and one.pid != inventory.place.pid and one.program != "haproxy"
            }
        )
    )


def _list_secret_files(host: Host, app_ini: Path) -> list[str]:
    real = app_ini.resolve()
    return [*find_key_files(host), *([host.strip(real)] if real != app_ini else [])]


def _decode(raw: bytes, file: Path) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise NotConfigured(f"{file} is not UTF-8", next_action="convert it to UTF-8, then try again") from None
