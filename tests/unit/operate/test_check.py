"""`cutover check`: everything that is missing at once, each with what to do; what could not be checked is never a success."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from common.errors import StepFailed
from common.settings import Limits
from common.site_parameters import Replication
from replication import dms_roles
from settings import Settings

from operate import cli
from operate.check import AREAS, run_checks
from operate.checks.account import BOOTSTRAP, check_account
from operate.checks.finding import Finding
from operate.checks.names import ACCOUNT_ROLES, check_names
from operate.checks.offers import check_offers
from operate.checks.placeholders import find_placeholders
from operate.checks.schedule import find_past_window
from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.machines import APP, DATABASE, FakeMachines
from tests.unit.procedure.world import World
from tests.unit.sources.tables import CONFIGURATION, MANAGED, format_configuration

SETTINGS = Settings.load(CONFIGURATION)
CALLER = "arn:aws:sts::111122223333:assumed-role/Operators/alice"
ROLE = "arn:aws:iam::111122223333:role/teams/Operators"
ROLES = {APP: "source-app", DATABASE: "source-database"}
CHECK = FakeMachines.DATA["check"]


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Call")


def paged(key: str, values: list[Any]) -> SimpleNamespace:
    return SimpleNamespace(paginate=lambda **_: [{key: values}])


@dataclass
class FakeAccount:
    """An account in which everything is as it should be, until a test changes it."""

    name: str = "gogs"
    region: str = "us-east-1"
    secrets: dict[str, Any] = field(default_factory=lambda: {"cutover/console": {}, "cutover/agent-token": {}})
    parameters: set[str] = field(default_factory=lambda: {BOOTSTRAP})
    quota: float = 64.0
    zones: Mapping[str, int] = field(default_factory=lambda: {"t3.medium": 3})
    """how many zones offer an instance type"""
    database_options: Sequence[Mapping[str, Any]] = ({"MultiAZCapable": False}, {"MultiAZCapable": True})
    replication_classes: Sequence[str] = ("dms.t3.medium",)
    denied: set[str] = field(default_factory=set)
    """actions that IAM does not allow"""
    tags: dict[str, list[str]] = field(default_factory=dict)
    """what was simulated about the tags of resources, by condition key"""
    roles: set[str] = field(default_factory=set)
    """of DMS, which are one set per account"""
    tables: set[str] = field(default_factory=set)
    has_own_quotas: bool = True
    """false: Service Quotas knows only AWS's defaults"""
    task: dict[str, Any] = field(default_factory=dict)
    lag: float | None = 0.5
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """what `check` returns, by machine"""
    stacks: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)

    @property
    def replication(self) -> Replication:
        return World().read_replication()

    def read_caller(self) -> str:
        return CALLER

    def list_resources_of(self, stack: str) -> Sequence[Mapping[str, Any]]:
        return [{}] if stack in self.stacks else []

    def get_client(self, service: str) -> Any:
        self.calls.append(service)
        if service in self.fails:
            raise_it = self.fails[service]
            return SimpleNamespace(
                **dict.fromkeys(
                    ("get_service_quota", "describe_secret", "get_role", "get_hosted_zone"), _raise(raise_it)
                )
            )
        return getattr(self, f"create_{service.replace('-', '_')}")()

    def create_ssm(self) -> Any:
        return SimpleNamespace(
            get_parameter=self._get_parameter,
            send_command=lambda **call: {"Command": {"CommandId": call["InstanceIds"][0]}},
            get_command_invocation=self._get_invocation,
        )

    def _get_parameter(self, *, Name: str) -> Any:  # noqa: N803
        if Name not in self.parameters:
            raise refused("ParameterNotFound")
        return {"Parameter": {"Value": "27"}}

    def _get_invocation(self, **call: Any) -> Any:
        machine = call["InstanceId"]
        facts = {"ok": True, **CHECK, "instance_id": machine, "role": ROLES[machine], **self.facts.get(machine, {})}
        return {"Status": "Success", "StandardOutputContent": json.dumps(facts), "StandardErrorContent": ""}

    def create_secretsmanager(self) -> Any:
        def describe_secret(*, SecretId: str) -> Any:  # noqa: N803
            if SecretId not in self.secrets:
                raise refused("ResourceNotFoundException")
            return self.secrets[SecretId]

        return SimpleNamespace(describe_secret=describe_secret)

    def create_service_quotas(self) -> Any:
        value = {"Quota": {"Value": self.quota}}
        own = (lambda **_: value) if self.has_own_quotas else _raise(refused("NoSuchResourceException"))
        return SimpleNamespace(get_service_quota=own, get_aws_default_service_quota=lambda **_: value)

    def create_ec2(self) -> Any:
        instances = [{"InstanceType": "t3.medium"}, {"InstanceType": "p4d.24xlarge"}]
        pages = {
            "describe_instances": paged("Reservations", [{"Instances": instances}]),
            "describe_vpcs": paged("Vpcs", [{}]),
            "describe_instance_type_offerings": paged(
                "InstanceTypeOfferings",
                [
                    {"InstanceType": name, "Location": f"z{zone}"}
                    for name, zones in self.zones.items()
                    for zone in range(zones)
                ],
            ),
        }
        return SimpleNamespace(get_paginator=pages.get, describe_addresses=lambda: {"Addresses": [{}, {}]})

    def create_rds(self) -> Any:
        def paginate(**asked: str) -> Any:
            assert asked == {"Engine": "mysql", "EngineVersion": "8.4.8", "DBInstanceClass": "db.t3.medium"}
            return [{"OrderableDBInstanceOptions": self.database_options}]

        return SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=paginate))

    def create_iam(self) -> Any:
        def simulate(
            *,
            PolicySourceArn: str,  # noqa: N803
            ActionNames: list[str],  # noqa: N803
            ContextEntries: list[dict[str, Any]],  # noqa: N803
            **_: Any,
        ) -> Any:
            assert PolicySourceArn == ROLE
            self.tags = {one["ContextKeyName"]: one["ContextKeyValues"] for one in ContextEntries}
            decide = {True: "implicitDeny", False: "allowed"}
            return {
                "EvaluationResults": [
                    {"EvalActionName": name, "EvalDecision": decide[name in self.denied]} for name in ActionNames
                ]
            }

        return SimpleNamespace(get_role=self._get_role, simulate_principal_policy=simulate)

    def _get_role(self, *, RoleName: str) -> Any:  # noqa: N803
        if RoleName not in {*self.roles, ROLE.rpartition("/")[2]}:
            raise refused("NoSuchEntity")
        return {"Role": {"Arn": ROLE}}

    def create_dynamodb(self) -> Any:
        def describe_table(*, TableName: str) -> Any:  # noqa: N803
            if TableName not in self.tables:
                raise refused("ResourceNotFoundException")
            return {"Table": {}}

        return SimpleNamespace(describe_table=describe_table)

    def create_dms(self) -> Any:
        task = {
            "ReplicationTaskIdentifier": "rows", "Status": "running", "ReplicationTaskStats": {"FullLoadProgressPercent": 100}, **self.task,
        }  # fmt: skip
        table = {
            "SchemaName": "gogs",
            "TableName": "issue",
            "TableState": "Table completed",
            "ValidationState": "Validated",
        }
        return SimpleNamespace(
            describe_replication_tasks=lambda **_: {"ReplicationTasks": [task]},
            get_paginator={
                "describe_table_statistics": paged("TableStatistics", [table]),
                "describe_orderable_replication_instances": paged(
                    "OrderableReplicationInstances",
                    [{"ReplicationInstanceClass": name} for name in self.replication_classes],
                ),
            }.get,
        )

    def create_cloudwatch(self) -> Any:
        from datetime import UTC, datetime

        points = [] if self.lag is None else [{"Timestamp": datetime.now(tz=UTC), "Maximum": self.lag}]
        return SimpleNamespace(get_metric_statistics=lambda **_: {"Datapoints": points})


def _raise(error: Exception) -> Callable[..., Any]:
    def call(**_: Any) -> Any:
        raise error

    return call


def check(account: FakeAccount, *skip: str) -> list[Finding]:
    return run_checks(account, SETTINGS, FakeClock(), Limits(), skip=skip)


def list_bad(account: FakeAccount, *skip: str) -> list[Finding]:
    return [finding for finding in check(account, *skip) if finding.state != "ok"]


def test_an_account_that_has_everything_is_ok_in_every_area() -> None:
    found = check(FakeAccount())

    assert [finding for finding in found if finding.state != "ok"] == []
    assert {finding.area for finding in found} == set(AREAS)


def test_each_secret_of_an_existing_source_is_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(format_configuration(MANAGED))
    account = FakeAccount(fails={"route53": refused("AccessDenied")})
    found = check_account(account, Settings.load(path))

    missing = {finding.what.split()[2] for finding in found if finding.what.startswith("the secret forge/")}
    assert missing == {"forge/application", "forge/replication", "forge/site"}
    assert any(
        finding.what.startswith("the secret rds!db-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0 does not exist")
        for finding in found
    )


def test_a_maintenance_window_that_is_over_is_named(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    window = '{ from = "2026-12-05T22:00:00+01:00", until = "2026-12-06T02:00:00+01:00" }'
    path.write_text(f"{CONFIGURATION.read_text()}\n[cutover]\nwindow = {window}\n")
    settings = Settings.load(path)
    assert settings.cutover.window is not None
    ends = settings.cutover.window.until.timestamp()

    assert find_past_window(settings, now=ends - 1) == []
    (finding,) = find_past_window(settings, now=ends)
    assert "ended at 2026-12-06T01:00:00" in finding.what
    assert finding.next_action == "write a later window, or remove the key"
    assert find_past_window(SETTINGS, now=ends) == []


@pytest.mark.parametrize(
    ("changes", "expected", "key"),
    [
        ({"zones": {}}, "us-east-1 offers t3.medium not at all", "target.instance_type"),
        ({"zones": {"t3.medium": 1}}, "us-east-1 offers t3.medium in z0 alone, and the site has 2 zones", "target.instance_type"),
        ({"database_options": ()}, "us-east-1 offers MySQL 8.4.8 on db.t3.medium not at all", "database.engine_version"),
        ({"database_options": ({"MultiAZCapable": False},)}, "only in one zone, and the database is Multi-AZ", "database.instance_type"),
        ({"replication_classes": ("dms.r6i.large",)}, "us-east-1 does not offer dms.t3.medium", "replication.instance_class"),
    ],
)  # fmt: skip
def test_what_the_region_does_not_offer_is_named_with_the_key_to_change(
    changes: dict[str, Any], expected: str, key: str
) -> None:
    (finding,) = list_bad(FakeAccount(**changes))

    assert (finding.area, finding.state) == ("offers", "problem")
    assert expected in finding.what
    assert f"choose another {key}" in finding.next_action or f"or {key} in migration.toml" in finding.next_action


def test_the_replication_server_of_mgn_and_the_demo_servers_are_looked_up_too(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        CONFIGURATION.read_text()
        .replace('kind = "cloudendure"', 'kind = "mgn"')
        .replace('console_url = "https://console.cloudendure.com"\n', "")
        .replace('project = "Gogs"\n', "")
        .replace('credentials_secret = "cutover/console"\n', "")
        .replace('installation_token_secret = "cutover/agent-token"\n', "")
        .replace('app_instance_type = "t3.medium"', 'app_instance_type = "t3.large"')
    )
    bad = [one for one in check_offers(FakeAccount(), Settings.load(path)) if one.state != "ok"]

    assert [one.what.split()[2] for one in bad] == ["t3.large", "t3.small"]
    assert "source.app_instance_type" in bad[0].next_action
    assert "provider.replication_server_instance_type" in bad[1].next_action


def test_the_placeholders_of_the_projects_file_are_named_with_what_to_write(tmp_path: Path) -> None:
    digest, zone = find_placeholders(SETTINGS)

    assert digest.what.startswith("gogs.archive_sha256 is zeros")
    assert digest.next_action.endswith("gogs_0.14.3_linux_amd64.tar.gz | sha256sum")
    assert zone.what.startswith("site.hosted_zone is example.com, a reserved name")
    assert (digest.state, zone.state) == ("problem", "problem")
    text = CONFIGURATION.read_text().replace("0" * 64, "1" * 64)
    path = tmp_path / "site.toml"
    path.write_text(text.replace("example.com", "example.dev"))
    assert find_placeholders(Settings.load(path)) == []
    path.write_text(text.replace('# id = "Z0123456789ABCDEFGHIJ"', 'id = "Z0123456789ABCDEFGHIJ"'))
    assert find_placeholders(Settings.load(path)) == []


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


def test_removals_are_simulated_for_resources_with_the_tags_of_the_migration() -> None:
    """The runbook recommends rights that the tags bind. Without tags IAM would deny them to an operator who has them."""
    account = FakeAccount()
    list_bad(account)
    assert account.tags["aws:ResourceTag/cutover:site"] == ["gogs"]
    assert account.tags["aws:ResourceTag/AWSApplicationMigrationServiceManaged"] == ["mgn.amazonaws.com"]


def test_names_that_a_stack_cannot_create_are_found_before_the_deploy() -> None:
    account = FakeAccount(roles=set(ACCOUNT_ROLES), tables={"cutover-gogs-runs"})
    roles, table = list_bad(account)
    assert roles.what.startswith("the account has the role dms-vpc-role and the role dms-cloudwatch-logs-role")
    assert "create_dms_roles = false" in roles.next_action
    assert table.what.startswith("the table cutover-gogs-runs exists, but no DataStack")
    account.stacks = {"ReplicationStack", "DataStack"}
    assert not [finding for finding in list_bad(account) if finding.area == "account"], "the stacks' own"


def test_roles_of_dms_that_nobody_creates_are_missing() -> None:
    replication = SETTINGS.replication.model_copy(update={"create_dms_roles": False})
    settings = SETTINGS.model_copy(update={"replication": replication})
    found = check_names(FakeAccount(roles={"dms-vpc-role"}), settings)
    (missing,) = (finding for finding in found if finding.state != "ok")
    assert missing.what == "create_dms_roles is false, but the account has no role dms-cloudwatch-logs-role"
    assert not [one for one in check_names(FakeAccount(roles=set(ACCOUNT_ROLES)), settings) if one.state != "ok"]


def test_the_roles_of_dms_are_those_of_the_construct() -> None:
    assert tuple(dms_roles.ACCOUNT_ROLES) == ACCOUNT_ROLES


def test_a_quota_without_a_value_of_the_account_has_the_default_of_aws() -> None:
    assert not list_bad(FakeAccount(has_own_quotas=False))
    (first, *_) = list_bad(FakeAccount(has_own_quotas=False, quota=1))
    assert first.area == "quotas"


def test_a_lag_that_is_not_published_is_not_checked() -> None:
    (found,) = list_bad(FakeAccount(lag=None))

    assert (found.area, found.state) == ("replication", "unchecked")


def test_before_the_replication_is_deployed_its_areas_name_the_stack_to_deploy() -> None:
    class Fresh(FakeAccount):
        @property
        def replication(self) -> Replication:
            raise StepFailed(
                "parameter /cutover/gogs/replication does not exist", next_action="deploy ReplicationStack"
            )

    found = list_bad(Fresh())

    assert [finding.area for finding in found] == ["replication", "source"]
    assert {finding.next_action for finding in found} == {"deploy ReplicationStack"}


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
