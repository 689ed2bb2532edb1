"""`cutover check`: everything that is missing at once, each with what to do; what could not be checked is never a success."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operate import cli
from operate.check import AREAS
from tests.unit.operate.checks.account import CHECK, ROLE, FakeAccount, refused
from tests.unit.operate.checks.run import check, list_bad
from tests.unit.procedure.machines import APP, DATABASE
from tests.unit.sources.tables import CONFIGURATION


def test_an_account_that_has_everything_is_ok_in_every_area() -> None:
    found = check(FakeAccount())

    assert [finding for finding in found if finding.state != "ok"] == []
    assert {finding.area for finding in found} == set(AREAS)


def test_everything_that_is_missing_is_listed_at_once_with_what_to_do() -> None:
    account = FakeAccount(
        secrets={"cutover/agent-token": {"DeletedDate": "2026-11-01"}},
        parameters=set(),
        quota=3.0,
        denied={"dynamodb:UpdateItem"},
        task={"Status": "failed", "LastFailureMessage": "it broke"},
        lag=300.0,
        facts={DATABASE: {"database": {**CHECK["database"], "log_bin": 0}}, APP: {"mode": "frozen"}},
    )

    found = list_bad(account)
    text = "\n".join(finding.format() for finding in found)

    for expected in (
        "the CDK is not bootstrapped in us-east-1",
        "the secret cutover/agent-token is scheduled for deletion",
        "the secret cutover/console does not exist",
        "vCPUs of running standard instances: 2 of 3 in use, 10 more needed",
        f"{ROLE} may not decide (`cutover go`, `hold`, `rollback`): dynamodb:UpdateItem",
        "replication task rows has failed: it broke",
        "the target is 300 s behind",
        f"{APP}: its proxy is frozen, not open",
    ):
        assert expected in text, expected
    assert any(finding.what.startswith(DATABASE) for finding in found)
    assert all(finding.next_action for finding in found)
    assert {finding.state for finding in found} == {"problem"}


@pytest.mark.parametrize(
    ("service", "area"), [("service-quotas", "quotas"), ("secretsmanager", "account"), ("iam", "permissions")]
)
def test_a_check_that_aws_refuses_is_not_checked_and_the_others_are_made(service: str, area: str) -> None:
    found = list_bad(FakeAccount(fails={service: refused("AccessDeniedException")}))

    assert found
    areas = {area, "account"} if service == "iam" else {area}
    assert {(finding.area, finding.state) for finding in found} == {(one, "unchecked") for one in areas}
    assert all("could not be checked" in finding.what for finding in found)
    assert all(finding.next_action == "your AWS credentials lack this permission" for finding in found)


def test_an_area_that_is_left_out_is_not_called() -> None:
    account = FakeAccount()
    found = check(account, "quotas", "permissions")

    assert {finding.area for finding in found} == {"account", "offers", "replication", "source"}
    assert "service-quotas" not in account.calls
    assert not account.tags, "IAM has simulated nothing"


def test_all_faults_of_the_settings_are_listed_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        CONFIGURATION.read_text()
        .replace('"us-east-1"', '"Virginia"')
        .replace('kind = "demo"', 'kind = "demo"\nbogus = 1')
    )
    path = tmp_path / "site.toml"
    path.write_text(text)

    code = cli.main(["--config", str(path), "check", "--json"])

    printed = json.loads(capsys.readouterr().out)
    assert code == 1
    assert printed["ok"] is False
    assert [finding["area"] for finding in printed["findings"]] == ["settings", "settings"]
    assert {finding["what"].split(": ")[1] for finding in printed["findings"]} == {"aws.region", "source.bogus"}
