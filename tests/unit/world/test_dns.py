"""DNS replies with the records of the resolver."""

from __future__ import annotations

import pytest
from dnslib import RCODE, DNSError, DNSRecord  # type: ignore[import-untyped]

from rehearsal.world.dns import reply
from rehearsal.world.provider import Answer


def query(name: str, answers: list[Answer] | None, kind: str = "A") -> DNSRecord:
    return DNSRecord.parse(reply(DNSRecord.question(name, kind).pack(), "10.0.0.1", lambda *_: answers))


def test_the_resolver_gets_the_name_in_lower_case_without_the_final_dot() -> None:
    queries: list[tuple[str, str, str]] = []

    def resolve(name: str, kind: str, client: str) -> list[Answer]:
        queries.append((name, kind, client))
        return []

    reply(DNSRecord.question("Git.Example.COM.", "AAAA").pack(), "10.0.0.1", resolve)
    assert queries == [("git.example.com", "AAAA", "10.0.0.1")]


def test_addresses_after_an_alias_belong_to_its_target() -> None:
    response = query("git.example.com", [Answer("CNAME", ["lb.example.net"]), Answer("A", ["10.0.0.1", "10.0.1.1"])])
    owners = [(str(record.rname), str(record.rdata)) for record in response.rr]
    assert owners == [
        ("git.example.com.", "lb.example.net."),
        ("lb.example.net.", "10.0.0.1"),
        ("lb.example.net.", "10.0.1.1"),
    ]


@pytest.mark.parametrize(("answers", "code"), [(None, RCODE.NXDOMAIN), ([], RCODE.NOERROR)])
def test_a_missing_name_and_a_missing_record_have_different_codes(answers: list[Answer] | None, code: int) -> None:
    assert query("nowhere.example.com", answers).header.rcode == code


def test_a_failing_resolver_returns_servfail_and_not_a_missing_name() -> None:
    def fail(*_: str) -> list[Answer]:
        raise ConnectionError("the local AWS is gone")

    response = DNSRecord.parse(reply(DNSRecord.question("a.example.com").pack(), "10.0.0.1", fail))
    assert response.header.rcode == RCODE.SERVFAIL


def test_a_packet_that_is_no_query_is_rejected() -> None:
    with pytest.raises(DNSError):
        reply(b"not dns", "10.0.0.1", lambda *_: None)
