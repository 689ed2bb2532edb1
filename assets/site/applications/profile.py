"""The profile of an application: everything that Cutover must know about it, in one frozen object. Only data: `Profile.tool` names the behaviour.

Paths are relative to the root of the machine's disk, paths in `Files` to `Files.root`. They are equal on source, replica and target.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

HTTP, TCP = "http", "tcp"
PROTOCOLS = (HTTP, TCP)
SCRATCH_SUFFIX = "_scratch"
HTTP_PORT = 80


class InvalidProfile(ValueError):
    """A profile is not consistent. The message has the application and the member."""


@dataclass(frozen=True)
class Release:
    """The releases that can be migrated. `pattern` matches a complete version, `expected` completes the sentence "expected …"."""

    pattern: str
    expected: str

    def supports(self, version: str) -> bool:
        """Return whether this version can be migrated."""
        return re.fullmatch(self.pattern, version) is not None


@dataclass(frozen=True)
class Owner:
    """The user that the application runs as.

    uid and gid are the same number on every machine, because they must mean the same user on the shared file system.
    """

    user: str
    uid: int
    home: str


@dataclass(frozen=True)
class Port:
    """A port of the proxy in front of the application: users connect to `number`, the application listens on `upstream` of 127.0.0.1.

    `name` is part of stored names (`<name>_port`, `<name>_dns_name`) and of logical ids; `construct_id` is part of the logical ids of its DNS
    record and listener. `public`: it is open to the internet through a load balancer. `remark`: more for readers of the firewall rules.
    """

    name: str
    number: int
    protocol: str
    upstream: int
    description: str
    construct_id: str
    public: bool = True
    remark: str = ""


@dataclass(frozen=True)
class Health:
    """The application is healthy when `path` returns status 200 and a body that contains `expected`.

    `detail`: a pattern whose first group is the reason in the body of an unhealthy response.
    """

    path: str
    expected: str
    detail: str = ""


@dataclass(frozen=True)
class Database:
    """The schemas that are migrated. The first one is the primary schema: labels of its tables have no schema.

    `silence`: SQL that disables outbound work of a scratch copy; `{name}` is the quoted scratch schema of the live schema `name`.
    """

    schemas: tuple[str, ...]
    user: str
    silence: tuple[str, ...] = ()

    @property
    def primary(self) -> str:
        """Return the primary schema."""
        return self.schemas[0]

    def scratch(self, schema: str) -> str:
        """Return the name of the schema with the scratch copy of `schema`."""
        return f"{schema}{SCRATCH_SUFFIX}"

    @property
    def scratch_schemas(self) -> tuple[str, ...]:
        """Return the names of all scratch schemas."""
        return tuple(self.scratch(schema) for schema in self.schemas)

    def label(self, schema: str, table: str) -> str:
        """Return the label of a table in results, evidence and options: `table` in the primary schema, else `schema.table`."""
        return table if schema == self.primary else f"{schema}.{table}"

    def split(self, label: str) -> tuple[str, str]:
        """Return schema and table of a label. A table of the primary schema may have a dot in its name."""
        schema, _, table = label.partition(".")
        return (schema, table) if table and schema in self.schemas[1:] else (self.primary, label)


@dataclass(frozen=True)
class Repositories:
    """Git repositories below the data root, as `<folder>/<owner>/<name>.git`.

    `caches`: folders in a repository that a read may fill; they are neither copied nor compared. `rewritten`: rsync patterns of files that are
    rewritten in place with an equal length, so that size and time do not show a change.
    """

    folder: str
    caches: tuple[str, ...]
    rewritten: tuple[str, ...]


@dataclass(frozen=True)
class Files:
    """The data root: the folder that all servers share. `required` must not be empty on the disk of a launched replica."""

    root: str
    folders: tuple[str, ...]
    """folders that the application needs, parents first"""
    groups: tuple[str, ...]
    """folders that get a digest of their own"""
    required: str = ""
    per_instance: tuple[str, ...] = ()
    """work space of one process: never compared or copied"""
    repositories: Repositories | None = None

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the folders that are never compared or copied. `lost+found` exists when the root is a disk of its own, readable by root only."""
        return (*self.per_instance, "lost+found")


@dataclass(frozen=True)
class Refusal:
    """The form of a refused write for clients that read JSON. `match`: an ACL of HAProxy that matches their requests."""

    name: str
    match: str
    content_type: str


@dataclass(frozen=True)
class Proxy:
    """The rules of HAProxy in front of the application.

    `rules`: lines of its frontend that set `txn.kind` to `read` or `write` for each request; an unknown request counts as a write.
    `identity_headers`: headers with a user's name that the application trusts, so clients must not send them.
    """

    rules: str
    refusals: tuple[Refusal, ...] = ()
    """in addition to plain text; the first match counts"""
    identity_headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """A fact of `cutover-site check` that only this application has: a list of problems, or an object with the key `problem`.

    `what`: the subject, for a message about a machine whose tool does not report the fact yet. `advice`: added after the last problem.
    """

    fact: str
    what: str
    advice: str = ""


@dataclass(frozen=True)
class Image:
    """What an image must not contain. `emptied`: folders that are kept empty. `removed`, `secrets`: patterns; secrets are overwritten first."""

    emptied: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Logs:
    """The application's logs. `folder` has its log files. `sensitive`, `headers`: patterns for names of secret values and headers."""

    folder: str = ""
    sensitive: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """One application. `playbook` installs its server, `demo` adds demo content, `tool` is the module with its behaviour."""

    name: str
    title: str
    release: Release
    units: tuple[str, ...]
    """systemd units of the application; the first one serves users"""
    owner: Owner
    database: Database
    files: Files
    ports: tuple[Port, ...]
    health: Health
    proxy: Proxy
    image: Image
    logs: Logs
    playbook: str
    tool: str
    checks: tuple[Check, ...] = ()
    demo: str = ""

    def __post_init__(self) -> None:
        if problem := next(iter(_find_problems(self)), ""):
            raise InvalidProfile(f"profile {self.name}: {problem}")

    def to_values(self) -> dict[str, Any]:
        """Return the members as plain values for Ansible and Jinja, with the additional keys `http` (that port) and `tcp` (the other ports)."""
        values = {**asdict(self), "http": asdict(self.http), "tcp": [asdict(port) for port in self.tcp]}
        plain: dict[str, Any] = json.loads(json.dumps(values))
        return plain

    @property
    def unit(self) -> str:
        """Return the unit that serves users."""
        return self.units[0]

    @property
    def http(self) -> Port:
        """Return the port for HTTP."""
        return next(port for port in self.ports if port.protocol == HTTP)

    @property
    def tcp(self) -> tuple[Port, ...]:
        """Return the ports that the proxy forwards as TCP. Each public one has its own DNS name and load balancer."""
        return tuple(port for port in self.ports if port.protocol == TCP)

    def port(self, name: str) -> Port:
        """Return the port with that name. Raises KeyError."""
        return {port.name: port for port in self.ports}[name]

    @property
    def public_ports(self) -> tuple[Port, ...]:
        """Return the ports that are open to the internet."""
        return tuple(port for port in self.ports if port.public)


def _find_problems(profile: Profile) -> Iterable[str]:
    if not profile.units:
        yield "units names no unit"
    if not profile.database.schemas:
        yield "database.schemas names no schema"
    for port in profile.ports:
        if port.protocol not in PROTOCOLS:
            yield f"port {port.name} has the protocol {port.protocol}, expected http or tcp"
        if not re.fullmatch(r"[a-z][a-z0-9]*", port.name):
            yield f"port {port.name!r} must have a name of small letters and digits, because stored names begin with it"
    if [port.protocol for port in profile.ports if port.public].count(HTTP) != 1:
        yield "ports has not exactly one public port for HTTP"
    elif profile.http.number != HTTP_PORT:
        yield f"the port for HTTP is {profile.http.number}, expected {HTTP_PORT}: the site's URL has no port"
    for what in ("name", "number", "upstream"):
        values = [getattr(port, what) for port in profile.ports]
        if len(set(values)) < len(values):
            yield f"two ports have the same {what}"
    if profile.files.root.startswith("/") or not profile.files.root:
        yield f"files.root is {profile.files.root!r}, expected a path relative to the root of the disk"
