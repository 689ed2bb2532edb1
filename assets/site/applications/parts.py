"""The parts of an application's profile, each frozen and data only.

Paths are relative to the root of the machine's disk, paths in `Files` to `Files.root`. They are the same on source, replica and target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HTTP, TCP = "http", "tcp"
PROTOCOLS = (HTTP, TCP)
SCRATCH_SUFFIX = "_scratch"


@dataclass(frozen=True)
class Release:
    """Which releases can be migrated. `pattern` matches a whole version, `expected` completes the sentence "expected …"."""

    pattern: str
    expected: str

    def supports(self, version: str) -> bool:
        return re.fullmatch(self.pattern, version) is not None


@dataclass(frozen=True)
class Owner:
    """The user that the application runs as, with the same number as uid and gid: ownership must mean the same on every machine and on the
    shared file system.
    """

    user: str
    uid: int
    home: str


@dataclass(frozen=True)
class Port:
    """A port of the proxy in front of the application: users connect to `number`, the application listens to `upstream` on 127.0.0.1.

    `name` is part of stored names (`<name>_port`, `<name>_dns_name`) and of logical ids, `construct_id` of logical ids of its record and its
    listener. `public`: a load balancer and the world reach it. `remark`: what a reader of the firewall should know besides.
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
    """The application is healthy when `path` answers 200 and its body contains `expected`. `detail`: a pattern whose first group is the
    reason in the body of an unhealthy answer.
    """

    path: str
    expected: str
    detail: str = ""


@dataclass(frozen=True)
class Database:
    """The schemas that are migrated. The first one is the primary schema: where its tables are named, the schema is left out.

    `silence`: SQL that keeps a started scratch copy from reaching out; `{name}` is the quoted scratch schema of the live schema `name`.
    """

    schemas: tuple[str, ...]
    user: str
    silence: tuple[str, ...] = ()

    @property
    def primary(self) -> str:
        return self.schemas[0]

    def scratch(self, schema: str) -> str:
        """Return the name of the schema that holds the scratch copy of `schema`."""
        return f"{schema}{SCRATCH_SUFFIX}"

    @property
    def scratch_schemas(self) -> tuple[str, ...]:
        return tuple(self.scratch(schema) for schema in self.schemas)

    def label(self, schema: str, table: str) -> str:
        """Return how a table is named in answers, evidence and options: `table` in the primary schema, else `schema.table`."""
        return table if schema == self.primary else f"{schema}.{table}"

    def split(self, label: str) -> tuple[str, str]:
        """Return schema and table of a label. A table of the primary schema may have a dot in its name."""
        schema, _, table = label.partition(".")
        return (schema, table) if table and schema in self.schemas[1:] else (self.primary, label)


@dataclass(frozen=True)
class Repositories:
    """Git repositories below the data root, as `<folder>/<owner>/<name>.git`.

    `caches`: folders in a repository that a read may fill; they are neither carried over nor compared. `rewritten`: patterns (rsync) of what
    is rewritten in place with an equal length, which size and time cannot show.
    """

    folder: str
    caches: tuple[str, ...]
    rewritten: tuple[str, ...]


@dataclass(frozen=True)
class Files:
    """The data root: the one folder that all servers share. `required` must not be empty on the disk of a launched replica."""

    root: str
    folders: tuple[str, ...]
    """those that the application needs, parents first"""
    groups: tuple[str, ...]
    """folders that get a digest of their own"""
    required: str = ""
    per_instance: tuple[str, ...] = ()
    """work space of one process: never compared, never carried over"""
    repositories: Repositories | None = None

    @property
    def left_out(self) -> tuple[str, ...]:
        """`lost+found` is what a disk of its own that is mounted at the root has, for the superuser alone."""
        return (*self.per_instance, "lost+found")


@dataclass(frozen=True)
class Refusal:
    """How a write is refused to a client that reads JSON. `match`: an ACL of HAProxy for its requests."""

    name: str
    match: str
    content_type: str


@dataclass(frozen=True)
class Proxy:
    """What HAProxy must know. `rules`: lines of its frontend that set `txn.kind` to `read` or `write` for each request; what is not known
    to be a read counts as a write. `identity_headers` name a user to the application, so no client may send them.
    """

    rules: str
    refusals: tuple[Refusal, ...] = ()
    """besides plain text, the first match counts"""
    identity_headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """A fact of `cutover-site check` that only this application has: a list of problems, or an object with the key `problem`, and `warning`
    for what changes for users though nothing is lost.

    `what` it is about, for a machine whose tool does not know it yet; `advice` follows the last of its problems.
    """

    fact: str
    what: str
    advice: str = ""


@dataclass(frozen=True)
class Image:
    """What an image must not hold. `emptied` folders are kept, `removed` and `secrets` are patterns; secrets are overwritten before."""

    emptied: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Logs:
    """`folder` holds the application's own log files. `sensitive` and `headers`: alternatives of a pattern for names of secret values."""

    folder: str = ""
    sensitive: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class SiteSecret:
    """The JSON object in Secrets Manager that all servers of a site read. The source completes it, and stores it there.

    `key`: what the application encrypts stored values with; digests of its program are keyed with it too. `names`: key and value where the
    secret has none yet; they are no secret. `passwords`: keys of random values. `inherited`: keys of what a target needs of the source's own
    settings, as the application writes it; secrets may be among it.
    """

    key: str
    names: tuple[tuple[str, str], ...] = ()
    passwords: tuple[str, ...] = ()
    inherited: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Return the keys without which no server can be configured."""
        return (self.key, *(key for key, _ in self.names), *self.passwords)

    @property
    def public(self) -> frozenset[str]:
        """Return the keys whose values are no secret."""
        return frozenset(key for key, _ in self.names)


@dataclass(frozen=True)
class Program:
    """What the application itself is on a machine: a target has it from the image, so it must be as it is on the source.

    `root`: its folder. `opened`: folders below `root`, each entry of which is compared by itself; empty for `root`. `left_out`: patterns below
    `root` of what is one machine's own. `files`: patterns of files elsewhere that the image keeps too.
    """

    root: str
    opened: tuple[str, ...] = ("",)
    left_out: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
