"""A machine that is adopted in a folder: its files are real, its systemd is a record of what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jinja2
import yaml
from applications.gogs.profile import PROFILE
from cutover_site.adopt.adoption import FRONT, Adoption
from cutover_site.adopt.markers import MarkersState
from cutover_site.adopt.site_file import Identity
from cutover_site.adopt.units import UnitState
from cutover_site.errors import CommandFailed
from cutover_site.layout import Layout, forget_site_file

from tests.unit.site.existing.server import Server

ROLES = Path(__file__).parents[4] / "assets/ansible/roles"
IDENTITY = Identity(
    "forge", "us-east-1", "mi-0123456789abcdef0", ("source-app", "source-database"), "forge/site", "forge/application"
)


State = dict[str, tuple[int, int, int, int, bytes]]


@dataclass
class FakeUnits:
    """`failing`: a unit that cannot be started."""

    states: dict[str, UnitState] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    failing: str = ""

    def read(self, unit: str) -> UnitState:
        return self.states.get(unit, UnitState(is_active=False, is_enabled=False))

    def set_active(self, unit: str, *, is_active: bool) -> None:
        self.done.append(f"{'start' if is_active else 'stop'} {unit}")
        if is_active and unit == self.failing:
            raise CommandFailed(f"{unit} does not start")
        self.states[unit] = replace(self.read(unit), is_active=is_active)

    def set_enabled(self, unit: str, *, is_enabled: bool) -> None:
        self.done.append(f"{'enable' if is_enabled else 'disable'} {unit}")
        self.states[unit] = replace(self.read(unit), is_enabled=is_enabled)

    def reload_files(self) -> None:
        self.done.append("reload")


@dataclass
class FakeMarkers:
    """A database server. `others`: it has other tables in the schema of the markers."""

    state: MarkersState = field(default_factory=lambda: MarkersState(has_schema=False, has_table=False))
    others: bool = False
    is_reachable: bool = True

    def read(self) -> MarkersState:
        if not self.is_reachable:
            raise CommandFailed("the database server on this machine: refused")
        return self.state

    def create(self) -> None:
        self.state = MarkersState(has_schema=True, has_table=True)

    def remove(self, *, with_schema: bool) -> list[str]:
        stays = not with_schema or self.others
        self.state = MarkersState(has_schema=stays, has_table=False)
        return ["schema cutover stays"] if self.others and with_schema else []


def render_front(folder: Path, headers: tuple[str, ...] = ("X-WEBAUTH-USER",)) -> None:
    """Write what the role adopted_source writes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in render_front_files(headers).items():
        (folder / name).write_text(text)


def render_front_files(headers: tuple[str, ...]) -> dict[str, str]:
    role = ROLES / "reverse_proxy"
    defaults: dict[str, Any] = yaml.safe_load((role / "defaults/main.yml").read_text())
    own: dict[str, Any] = yaml.safe_load((ROLES / "adopted_source/vars/main.yml").read_text())
    names = [port.name for port in PROFILE.ports]
    common = {**defaults, "profile": PROFILE.to_values(), "proxy_identity_headers": headers}
    common["proxy_upstreams"] = {name: f"@{name}_upstream@" for name in names}

    def render(template: str, **more: Any) -> str:
        text = (role / f"templates/{template}.j2").read_text()
        return str(jinja2.Template(text, keep_trailing_newline=True, trim_blocks=True).render({**common, **more}))

    source = {"proxy_binds": {name: f"@{name}_bind@" for name in names}, "proxy_forwarded": own["source_forwarded"]}
    target = {"proxy_binds": {port.name: f":{port.number}" for port in PROFILE.ports}}
    return {
        "source.cfg": render("haproxy.cfg", **source),
        "target.cfg": render("haproxy.cfg", **target),
        "hold.lua": render("hold.lua"),
        "forward.cfg": render("forward.cfg"),
        "mode.map": "mode open\n",
        "hold.map": "until 0\nseconds 0\n",
        "default": 'EXTRAOPTS="-S /run/haproxy-master.sock -f /etc/haproxy/cutover/forward.cfg"\n',
    }


def create_adoption(
    server: Server, units: FakeUnits, *, is_healthy: bool = True, markers: FakeMarkers | None = None
) -> Adoption:
    """Return the adoption of a server. `is_healthy`: whether the application serves behind its proxy afterwards."""
    forget_site_file()

    def verify(*_: object) -> None:
        if not is_healthy:
            raise CommandFailed("Gogs does not answer")

    return Adoption(Layout(server.root), PROFILE, units=units, verify=verify, markers=markers or FakeMarkers())


def install_front(server: Server) -> None:
    """Prepare the folder as prepare_source.yml leaves it."""
    render_front(server.root / FRONT.lstrip("/"))
    for folder in ("etc/haproxy", "etc/default", "var/lib/cutover", "etc/cutover", "srv"):
        (server.root / folder).mkdir(parents=True, exist_ok=True)
    (server.root / "etc/haproxy/haproxy.cfg").write_text("global\n    daemon\n")
    (server.root / "etc/default/haproxy").write_text("# Defaults\n")


def read_everything(root: Path) -> State:
    """Return mode, owner, time of change and content of every file, and mode and owner of every folder."""
    found: State = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        modified = status.st_mtime_ns if path.is_file() else 0
        found[str(path.relative_to(root))] = (status.st_mode, status.st_uid, status.st_gid, modified, content)
    return found


def adopt(server: Server, units: FakeUnits, *, is_healthy: bool = True) -> Adoption:
    adoption = create_adoption(server, units, is_healthy=is_healthy)
    adoption.recover()
    changes, proposal = adoption.plan(IDENTITY, has_application=True)
    adoption.apply(IDENTITY, changes, proposal)
    return adoption


def release(server: Server, units: FakeUnits) -> list[str]:
    kept = create_adoption(server, units).release()["kept"]
    assert isinstance(kept, list)
    return kept
