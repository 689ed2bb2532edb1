"""The selection of the values that are secrets."""

import subprocess
from pathlib import Path

from rehearsal.job.secrecy.values import list_fields, read_private_key, select_searchable


def test_every_field_is_secret_except_known_public_ones() -> None:
    assert dict(list_fields("db", '{"username": "gogs", "port": 3306, "password": "p", "new": 7}')) == {
        "db: password": "p",
        "db: new": "7",
    }
    assert list(list_fields("token", "plain text")) == [("token", "plain text")]


def test_the_searched_line_of_a_key_is_unique_and_private(tmp_path: Path) -> None:
    # Given two keys of one kind
    for name in ("one", "two"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    lines = [read_private_key(tmp_path / name) for name in ("one", "two")]
    # Then each searched line is in one of them only, and not in its public key
    assert lines[0] not in (tmp_path / "two").read_text()
    assert lines[0][8:40] not in (tmp_path / "one.pub").read_text()


def test_a_duplicate_value_is_searched_once() -> None:
    found = [("a", "0123456789abc"), ("b", "0123456789abc"), ("short", "x"), ("lines", "0123456789\n0123456789")]
    named, refused = select_searchable(found)
    assert named == {"a": "0123456789abc"}
    assert len(refused) == 2
