"""Where one rehearsal world lives: its ports, its folder, its names. Parsed once from the environment, at the edge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.errors import UsageError

DEFAULT_PORT = 4566
REGION = "us-east-1"
ACCOUNT = "000000000000"
PROVIDERS = ("cloudendure", "mgn")
"""Values of `kind` in migration.toml that a rehearsal can have; the first is the default."""
SOURCES = ("demo", "existing")
"""Which site is migrated: that of SourceStack, or one that others installed; the first is the default."""
DNS_NAME = "git.cutover.example"
"""The public name of the site that is rehearsed."""
SHAPES = ("home", "spread", "managed")
"""The ways in which the existing site can be installed (rehearsal/foreign_site/shapes.py); the first is the default."""
MARK = "CUTOVER_REHEARSAL_WORLD"
"""Environment variable that every process of a world inherits; `down` finds by it what a crash left behind."""


@dataclass(frozen=True)
class Settings:
    """One world. Worlds with different ports and homes run side by side."""

    port: int
    home: Path
    cache: Path
    database: str = ""
    """The product behind RDS: `mysql`, `mariadb`, or empty for MySQL where it can be had."""
    provider: str = PROVIDERS[0]
    """The service that replicates the source server: one of PROVIDERS."""
    source: str = SOURCES[0]
    """Which site is migrated: one of SOURCES."""
    shape: str = SHAPES[0]
    """How the existing site is installed: one of SHAPES."""

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Settings:
        """Read REHEARSAL_PORT (default 4566), REHEARSAL_HOME (.rehearsal), REHEARSAL_CACHE (~/.cache/cutover-rehearsal), REHEARSAL_DATABASE, REHEARSAL_PROVIDER, REHEARSAL_SOURCE, REHEARSAL_SHAPE. Raises UsageError."""
        text = environ.get("REHEARSAL_PORT", str(DEFAULT_PORT))
        if not text.isdecimal() or not 1024 <= int(text) <= 65532:
            raise UsageError(f"REHEARSAL_PORT is {text!r}: give a number from 1024 to 65532 (four ports are used).")
        home = Path(environ.get("REHEARSAL_HOME") or ".rehearsal").absolute()
        cache = Path(environ.get("REHEARSAL_CACHE") or "~/.cache/cutover-rehearsal").expanduser().absolute()
        database = environ.get("REHEARSAL_DATABASE", "")
        if database not in ("", "mysql", "mariadb"):
            raise UsageError(f"REHEARSAL_DATABASE is {database!r}: give mysql or mariadb, or leave it empty.")
        provider = _choose(environ, "REHEARSAL_PROVIDER", PROVIDERS)
        source = _choose(environ, "REHEARSAL_SOURCE", SOURCES)
        shape = _choose(environ, "REHEARSAL_SHAPE", SHAPES)
        return cls(
            port=int(text), home=home, cache=cache, database=database, provider=provider, source=source, shape=shape
        )

    # What listens on 127.0.0.1, on the host and (by relays) inside every machine.
    @property
    def aws_port(self) -> int:
        """Return the port of the local AWS."""
        return self.port

    @property
    def console_port(self) -> int:
        """Return the port of the console."""
        return self.port + 1

    @property
    def mirror_port(self) -> int:
        """Return the port of the mirror."""
        return self.port + 2

    @property
    def site_port(self) -> int:
        """Return the port of the site for a browser."""
        return self.port + 3

    @property
    def aws_url(self) -> str:
        """Return the address of the local AWS."""
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def console_url(self) -> str:
        """Return the address of the console."""
        return f"http://127.0.0.1:{self.console_port}"

    @property
    def mirror_url(self) -> str:
        """Return the address of the mirror."""
        return f"http://127.0.0.1:{self.mirror_port}"

    @property
    def site_url(self) -> str:
        """Return the address of the site for a browser."""
        return f"http://127.0.0.1:{self.site_port}"

    # Folders below home.
    @property
    def pool(self) -> Path:
        """Mount point of the XFS pool: volumes/<instance>.raw, snapshots/<id>.raw, images/<ami>.raw, efs/<fs-id>/."""
        return self.home / "pool"

    @property
    def mounts(self) -> Path:
        """Return the folder of mounts: <instance> is the machine's disk, mounted while the machine runs."""
        return self.home / "mounts"

    @property
    def logs(self) -> Path:
        """Return the folder of logs."""
        return self.home / "logs"

    @property
    def downloads(self) -> Path:
        """Return the folder of the files that are served at <mirror_url>/downloads/."""
        return self.home / "downloads"

    @property
    def state(self) -> Path:
        """Return the folder of what lasts as long as the world runs."""
        return self.home / "state"

    @property
    def mark(self) -> str:
        """Return the value of the environment variable MARK in every process of this world."""
        return f"{self.port}:{self.home}"

    def name_namespace(self, name: str) -> str:
        """Return the name of a network namespace of this world."""
        return f"cutover-{self.port}-{name}"

    def name_interface(self, name: str) -> str:
        """Return a name of twelve characters for a network interface of this world. The kernel allows 15."""
        return hashlib.sha256(f"{self.port} {name}".encode()).hexdigest()[:12]


def _choose(environ: Mapping[str, str], variable: str, known: Sequence[str]) -> str:
    """Return the value of the variable, by default the first of `known`. Raises UsageError for a value that is not in `known`."""
    given = environ.get(variable) or known[0]
    if given not in known:
        name = variable.removeprefix("REHEARSAL_")
        raise UsageError(
            f"The {name.lower()} {given!r} ({name} of make, {variable}) is unknown: give {' or '.join(known)}."
        )
    return given
