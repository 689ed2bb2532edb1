"""DNS answers from what the provider says."""

from __future__ import annotations

import pytest
from dnslib import RCODE, DNSError, DNSRecord  # type: ignore[import-untyped]

from rehearsal.world.dns import reply
from rehearsal.world.provider import Answer


def ask(name: str, answers: list[Answer] | None, kind: str = "A") -> DNSRecord:
    return DNSRecord.parse(reply(DNSRecord.question(name, kind).pack(), "10.0.0.1", lambda *_: answers))


def test_the_name_is_asked_in_lower_case_without_the_last_dot() -> None:
    asked: list[tuple[str, str, str]] = []

    def resolve(name: str, kind: str, asker: str) -> list[Answer]:
        asked.append((name, kind, asker))
        return []

    reply(DNSRecord.question("Git.Example.COM.", "AAAA").pack(), "10.0.0.1", resolve)
    assert asked == [("git.example.com", "AAAA", "10.0.0.1")]


def test_addresses_after_an_alias_belong_to_its_target() -> None:
    answer = ask("git.example.com", [Answer("CNAME", ["lb.example.net"]), Answer("A", ["10.0.0.1", "10.0.1.1"])])
    owners = [(str(record.rname), str(record.rdata)) for record in answer.rr]
    assert owners == [
        ("git.example.com.", "lb.example.net."),
        ("lb.example.net.", "10.0.0.1"),
        ("lb.example.net.", "10.0.1.1"),
    ]


@pytest.mark.parametrize(("answers", "code"), [(None, RCODE.NXDOMAIN), ([], RCODE.NOERROR)])
def test_no_such_name_and_no_such_record_are_told_apart(answers: list[Answer] | None, code: int) -> None:
    assert ask("nowhere.example.com", answers).header.rcode == code


def test_a_failing_resolver_is_a_failure_and_not_a_missing_name() -> None:
    def fail(*_: str) -> list[Answer]:
        raise ConnectionError("the local AWS is gone")

    answer = DNSRecord.parse(reply(DNSRecord.question("a.example.com").pack(), "10.0.0.1", fail))
    assert answer.header.rcode == RCODE.SERVFAIL


def test_what_is_no_question_is_refused() -> None:
    with pytest.raises(DNSError):
        reply(b"not dns", "10.0.0.1", lambda *_: None)
