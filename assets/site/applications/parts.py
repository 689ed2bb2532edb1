"""The parts of an application's profile, each frozen and data only.

Paths are relative to the root of the machine's disk, paths in `Files` to `Files.root`. They are the same on source, replica and target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

HTTP, TCP = "http", "tcp"
PROTOCOLS = (HTTP, TCP)
SCRATCH_SUFFIX = "_scratch"


@dataclass(frozen=True)
class Release:
    """The releases that can be migrated. `pattern` matches a complete version, `expected` completes the sentence "expected …"."""

    pattern: str
    expected: str

    def is_supported(self, version: str) -> bool:
        """Return whether this version can be migrated."""
        return re.fullmatch(self.pattern, version) is not None


@dataclass(frozen=True)
class Owner:
    """The user that the application runs as.

    uid and gid are the same numbers on every machine, because they must mean the same user on the shared file system. The group has the number
    and the name of the user when the profile names none.
    """

    user: str
    uid: int
    home: str
    gid: int | None = None
    group: str = ""

    @property
    def ids(self) -> tuple[int, int]:
        """Return uid and gid."""
        return self.uid, self.uid if self.gid is None else self.gid


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

    def rename_primary(self, schema: str) -> Database:
        """Return the description of a site whose primary schema has this name."""
        return replace(
            self,
            schemas=(schema, *self.schemas[1:]),
            silence=tuple(text.replace(f"{{{self.primary}}}", f"{{{schema}}}") for text in self.silence),
        )

    def get_scratch_schema(self, schema: str) -> str:
        """Return the name of the schema with the scratch copy of `schema`."""
        return f"{schema}{SCRATCH_SUFFIX}"

    @property
    def scratch_schemas(self) -> tuple[str, ...]:
        """Return the names of all scratch schemas."""
        return tuple(self.get_scratch_schema(schema) for schema in self.schemas)

    def format_label(self, schema: str, table: str) -> str:
        """Return the label of a table in results, evidence and options: `table` in the primary schema, else `schema.table`."""
        return table if schema == self.primary else f"{schema}.{table}"

    def parse_label(self, label: str) -> tuple[str, str]:
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
    sessions: str = ""
    """folder with the sessions of users. Reads write to it too, also in the window. So the delta copies it, and nothing compares it"""
    repositories: Repositories | None = None
    aliases: tuple[str, ...] = ()
    """absolute paths at which the application itself sees folders of the data root"""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the folders that are never compared, and copied with none of the others.

        `lost+found` exists when the root is a disk of its own, readable by root only.
        """
        return (*self.per_instance, *([self.sessions] if self.sessions else []), "lost+found")


@dataclass(frozen=True)
class Refusal:
    """The form of a refused write for clients that read JSON. `match`: an ACL of HAProxy that matches their requests."""

    name: str
    match: str
    content_type: str


@dataclass(frozen=True)
class Proxy:
    """The rules of HAProxy in front of the application.

    `rules`: lines of its frontend that set `txn.kind` for each request to `read`, `write`, or `visit`: a page that also writes when a
    signed-in user reads it. A freeze holds visits like writes. An unknown request counts as a write.
    `identity_headers`: headers with a user's name that the application trusts, so clients must not send them.
    """

    rules: str
    refusals: tuple[Refusal, ...] = ()
    """in addition to plain text; the first match counts"""
    identity_headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """A fact of `cutover-site check` that only this application has: a list of problems, or an object with the keys `problem` and `warning`.

    `warning`: what changes for users though no data is lost. `what`: the subject, for a message about a machine whose tool does not report the fact yet. `advice`: added after the last problem.
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
