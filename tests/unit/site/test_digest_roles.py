"""A server of the site digests its own rows, and those of a restored instance, but never the source's."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cutover_site.database import digest_pages
from cutover_site.database.digest_work import TableDigest
from cutover_site.database.login import DatabaseLogin
from cutover_site.errors import Refused
from cutover_site.machine import Machine
from cutover_site.verbs import digests as verbs


class Server(Machine):
    role_of = "target"

    @property
    def roles(self) -> Any:
        return (self.role_of,)

    @property
    def instance_id(self) -> str:
        return "i-1"

    @property
    def named_node(self) -> str:
        return ""


class Replica(Server):
    role_of = "replica"


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the hosts that the verb connects to."""
    found: list[str] = []

    @contextmanager
    def connect(server: DatabaseLogin, _count: int) -> Iterator[list[None]]:
        assert server.verify or server.host == "source"
        found.append(server.host)
        yield [None]

    monkeypatch.setattr(verbs, "connect_several", connect)
    monkeypatch.setattr(verbs, "find_tables", lambda *_: {"gogs": {"user": "user"}})
    monkeypatch.setattr(verbs, "digest_tables", lambda *_, **__: {"user": TableDigest(1, "0" * 32, 1.0)})
    monkeypatch.setattr(digest_pages, "summarize", lambda *_: {})
    for side, verify in (("source_reader", False), ("target_application", True)):
        login = DatabaseLogin(side.split("_")[0], 3306, "gogs", "secret", verify)
        monkeypatch.setattr(verbs, f"read_{side}_login", lambda _machine, login=login: login)
    return found


def digest(machine: Machine, side: str, host: str = "") -> Any:
    options = argparse.Namespace(side=side, schema="", tables="", ranges="", connections=1, host=host, marker="")
    return verbs.digest_database(machine, options)


def test_a_server_digests_its_rows_and_those_of_a_restored_instance(hosts: list[str]) -> None:
    digest(Server(), "target")
    digest(Server(), "target", "restored")
    assert hosts == ["target", "restored"]


def test_a_server_does_not_read_the_source(hosts: list[str]) -> None:
    with pytest.raises(Refused, match="only runs on replica"):
        digest(Server(), "source")
    assert hosts == []


def test_a_replica_reads_both_sides(hosts: list[str]) -> None:
    digest(Replica(), "source")
    digest(Replica(), "target")
    assert hosts == ["source", "target"]


def test_another_host_of_the_source_is_refused(hosts: list[str]) -> None:
    with pytest.raises(Refused, match=r"the target's side"):
        digest(Replica(), "source", "restored")
    assert hosts == []
