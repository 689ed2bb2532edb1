"""Every secret value that a run has, by a name that may be shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SHORTEST = 12
"""characters: a shorter value would be found where it is not meant"""
NO_SECRET = frozenset({
    "username", "host", "port", "engine", "dbname", "dbInstanceIdentifier", "admin_username", "acceptance_username",
    "console_url", "project_name", "project_id",
})  # fmt: skip
"""fields of JSON secrets that everybody may know; whatever has another name is secret"""


def list_fields(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield a secret as it is kept: text, or an object (or the JSON of one) of which each field counts."""
    try:
        decoded = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        decoded = value
    if isinstance(decoded, dict):
        yield from ((f"{name}: {key}", str(one)) for key, one in decoded.items() if key not in NO_SECRET)
    else:
        yield name, str(value)


def read_secrets_manager(client: Any) -> Iterator[tuple[str, str]]:
    """Yield all versions of all secrets, because a replaced secret may leak too."""
    for page in client.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            versions = client.list_secret_version_ids(SecretId=secret["ARN"], IncludeDeprecated=True)["Versions"]
            for number, version in enumerate(versions):
                kept = client.get_secret_value(SecretId=secret["ARN"], VersionId=version["VersionId"])
                name = secret["Name"] + (f" (version {number})" if number else "")
                yield from list_fields(name, kept["SecretString"])


def read_client_accounts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what the ledger client made: its account, the administrator's token, its key."""
    account = json.loads((folder / "account.json").read_text())
    yield "ledger client: password", account["password"]
    yield "ledger client: token", account["token"]
    yield "ledger client: administrator's token", (folder / "administrator-token").read_text().strip()
    yield "ledger client: SSH key", read_private_key(folder / "key")


def read_private_key(file: Path) -> str:
    """Return one line out of the middle of a PEM file: its first lines are the same in every key, or public."""
    body = [line for line in file.read_text().splitlines() if line and not line.startswith("-")]
    return body[len(body) // 2]


def select_searchable(found: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Return name -> value, each value once, and one sentence for each secret that cannot be searched for."""
    names: dict[str, str] = {}
    refused: list[str] = []
    for name, value in found:
        if len(value) < SHORTEST or "\n" in value:
            refused.append(f"{name} is too short, or has several lines: it cannot be searched for")
        else:
            names.setdefault(value, name)
    return {name: value for value, name in names.items()}, refused
