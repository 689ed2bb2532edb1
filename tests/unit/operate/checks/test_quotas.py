"""Quotas are compared with what is in use and with what the stacks add."""

from __future__ import annotations

from tests.unit.operate.checks.account import FakeAccount
from tests.unit.operate.checks.run import check, list_bad


def test_what_exists_already_needs_no_more_of_a_quota() -> None:
    quotas = [
        finding.what
        for finding in check(FakeAccount(stacks={"SourceStack", "DataStack", "ServersStack"}))
        if finding.area == "quotas"
    ]

    assert quotas == [
        "vCPUs of running standard instances: 2 of 64 in use, 2 more needed",
        "Elastic IP addresses: 2 of 64 in use, 0 more needed",
        "VPCs: 1 of 64 in use, 0 more needed",
    ]


def test_the_demo_source_needs_servers_a_network_and_an_address_too() -> None:
    stacks = {"DataStack", "ServersStack"}
    quotas = [finding.what for finding in check(FakeAccount(stacks=stacks)) if finding.area == "quotas"]

    assert quotas == [
        "vCPUs of running standard instances: 2 of 64 in use, 6 more needed",
        "Elastic IP addresses: 2 of 64 in use, 1 more needed",
        "VPCs: 1 of 64 in use, 1 more needed",
    ]


def test_a_quota_without_a_value_of_the_account_has_the_default_of_aws() -> None:
    assert not list_bad(FakeAccount(has_own_quotas=False))
    (first, *_) = list_bad(FakeAccount(has_own_quotas=False, quota=1))
    assert first.area == "quotas"
