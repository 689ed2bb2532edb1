"""Install the site on its server: the owner's scripts, run on the machine as root."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import facts, shapes
from rehearsal.settings import Settings
from rehearsal.world import enter
from rehearsal.world.authority import Authority

_SCRIPTS = Path(__file__).parent
_INSTALL_SECONDS = 300.0


@dataclass(frozen=True)
class Passwords:
    """The secrets of the site, which its owner chose."""

    database: str = field(default_factory=lambda: secrets.token_hex(16))
    administrator: str = field(default_factory=lambda: secrets.token_hex(16))
    secret_key: str = field(default_factory=lambda: secrets.token_hex(16))
    replication: str = field(default_factory=lambda: secrets.token_hex(16))
    database_administrator: str = field(default_factory=lambda: secrets.token_hex(16))
    """of a managed service"""

    def list_values(self) -> Iterator[tuple[str, str]]:
        """Yield name and value of each."""
        for one in fields(self):
            yield f"the owner's {one.name}", getattr(self, one.name)


def install_site(settings: Settings, passwords: Passwords, archive_url: str) -> None:
    """Install nginx, Gogs and, unless a managed service has it, MariaDB on the server. Its certificate is of the rehearsal's authority. Raises RehearsalError."""
    chain, key = Authority(settings.cache).issue_certificate(facts.DNS, [])
    for name, content in (("forge.crt", chain), ("forge.key", key)):
        write_private(settings, f"/root/{name}", content.decode())
    shape = shapes.load(settings)
    run_script(
        settings,
        shape.script,
        DNS=facts.DNS,
        SSH_DNS=facts.SSH_DNS,
        SSH_PORT=str(shape.ssh_port),
        ARCHIVE_URL=archive_url,
        SCHEMA=shape.schema,
        DATABASE_USER=shape.database_user,
        DATABASE_PASSWORD=passwords.database,
        SECRET_KEY=passwords.secret_key,
        ADMINISTRATOR=facts.ADMINISTRATOR,
        ADMINISTRATOR_PASSWORD=passwords.administrator,
    )


def run_script(settings: Settings, script: str, **values: str) -> str:
    """Run a script of this folder on the server with these values on its standard input; return its output.

    Raises RehearsalError with the script's last line. No value is in a command line.
    """
    program = f"/root/{script}"
    write_private(settings, program, (_SCRIPTS / script).read_text())
    done = enter.run(
        settings, facts.SERVER, ["/bin/bash", program], input=_format_values(values), timeout=_INSTALL_SECONDS
    )
    if done.exit_code:
        last = ([*done.stdout.strip().splitlines(), *done.stderr.strip().splitlines()] or ["no output"])[-1]
        raise RehearsalError(f"{script} failed on {facts.SERVER}: {last}")
    return done.stdout


def _format_values(values: Mapping[str, str]) -> str:
    for name, value in values.items():
        if "'" in value or "\n" in value:
            raise RehearsalError(f"{name} must have neither an apostrophe nor a line break.")
    return "".join(f"{name}='{value}'\n" for name, value in values.items())


def write_private(settings: Settings, path: str, text: str) -> None:
    """Write a file on the server that root alone can read. Raises RehearsalError."""
    words = ["/usr/bin/install", "-m", "600", "/dev/stdin", path]
    done = enter.run(settings, facts.SERVER, words, input=text, timeout=60)
    if done.exit_code:
        raise RehearsalError(f"{path} could not be written on {facts.SERVER}: {done.stderr.strip()}")
