"""Ask where a managed database is, and how it is administered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from settings.sources.databases import DATABASE_PORT, ManagedDatabase

from operate.init.dialog import Dialog
from operate.init.prompts import validate

MANAGED = "managed"


def ask_managed_database(dialog: Dialog, name: str) -> dict[str, Any]:
    """Return the table [source.database] of a managed service. `name`: of the site."""
    fields = ManagedDatabase.model_fields
    place = dialog.ask_text(
        ("source", "database", "host"),
        "host of the managed MySQL, with its port if it is another than 3306",
        check=_parse_database_address,
    )
    secret = dialog.ask_value(
        ("source", "database", "administrator_secret"),
        "name of the secret of its administrator",
        fields["administrator_secret"],
        default=f"{name}/administrator",
    )
    authority = dialog.ask_text(
        ("source", "database", "certificate_authority"),
        "file with the certificates of its authority (PEM; RDS: the bundle of the region)",
        check=_read_authority,
    )
    return {"kind": MANAGED, "engine": "mysql", **place, "administrator_secret": secret, "certificate_authority": authority}  # fmt: skip


def _parse_database_address(answer: str) -> dict[str, Any]:
    """Return `host`, and `port` if it is not the default. UsageError states what is expected."""
    host, _, port = answer.partition(":")
    found = {"host": validate(ManagedDatabase.model_fields["host"], host)}
    if not port:
        return found
    number = int(validate(ManagedDatabase.model_fields["port"], int(port) if port.isdecimal() else port))
    return found if number == DATABASE_PORT else {**found, "port": number}


def _read_authority(answer: str) -> str:
    """Return the content of a file. UsageError when it has no certificates."""
    try:
        text = Path(answer).expanduser().read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise click.UsageError(f"{answer} cannot be read: {reason}") from None
    return str(validate(ManagedDatabase.model_fields["certificate_authority"], text))
