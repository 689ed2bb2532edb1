"""`cutover init`: it offers what it finds, refuses wrong answers at once, and writes a file that the stacks accept, or none."""

from __future__ import annotations

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from botocore.exceptions import ClientError, NoCredentialsError
from click.testing import CliRunner, Result
from common.errors import ConfigurationError, CutoverError
from settings import Settings
from settings.sources import ExistingSource

from operate.cli import group, main
from operate.init import account as account_module
from operate.init.account import Account
from operate.init.questions import Questions
from operate.init.writer import write_settings

APP, DATABASE, HYBRID = "i-0a1b2c3d4e5f60718", "i-0f1e2d3c4b5a69788", "mi-0a1b2c3d4e5f60718"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"


def paged(key: str, values: list[Any]) -> SimpleNamespace:
    return SimpleNamespace(paginate=lambda **_: [{key: values}])


def create_ec2() -> Any:
    def describe_instances(*, InstanceIds: list[str]) -> Any:  # noqa: N803
        instance = {
            "VpcId": "vpc-0123456789abcdef0", "SubnetId": "subnet-1", "SecurityGroups": [{"GroupId": f"sg-0123456789abcdef{int(InstanceIds[0] == APP)}"}],
            "IamInstanceProfile": {"Arn": "arn:aws:iam::111122223333:instance-profile/P"},
        }  # fmt: skip
        return {"Reservations": [{"Instances": [instance]}]}

    return SimpleNamespace(
        describe_instances=describe_instances,
        describe_vpcs=lambda **_: {"Vpcs": [{"CidrBlock": "172.31.0.0/16"}]},
        describe_route_tables=lambda **_: {"RouteTables": [{"RouteTableId": "rtb-0123456789abcdef0"}]},
    )


def create_client(service: str) -> Any:
    zones = [{"Name": "example.com.", "Id": "/hostedzone/Z0123456789ABCDEFGHIJ", "Config": {"PrivateZone": False}}]
    nodes = [{"InstanceId": one, "PingStatus": "Online", "ComputerName": "host"} for one in (APP, DATABASE, HYBRID)]
    certificates = [{"CertificateArn": CERTIFICATE, "DomainName": "git.example.com"}]
    clients = {
        "sts": SimpleNamespace(get_caller_identity=lambda: {"Arn": "arn:aws:iam::111122223333:user/alice"}),
        "route53": SimpleNamespace(get_paginator=lambda _: paged("HostedZones", zones)),
        "acm": SimpleNamespace(get_paginator=lambda _: paged("CertificateSummaryList", certificates)),
        "ssm": SimpleNamespace(get_paginator=lambda _: paged("InstanceInformationList", nodes)),
        "ec2": create_ec2(),
        "iam": SimpleNamespace(
            get_instance_profile=lambda **_: {"InstanceProfile": {"Roles": [{"RoleName": "Server"}]}}
        ),
    }
    if service not in clients:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Call")
    return clients[service]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


@pytest.fixture(autouse=True)
def _fake_account(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    session = SimpleNamespace(
        region_name="us-east-1", client=lambda service, **_: create_client(service), get_credentials=lambda: None
    )
    monkeypatch.setattr(boto3.session, "Session", lambda **_: session)
    monkeypatch.setattr(account_module, "list_source_servers", lambda _kind, _clients: ["git-server"])


def run(path: Path, *answers: str) -> Result:
    from operate.app import App

    return CliRunner().invoke(
        group, ["--config", str(path), "init"], input="\n".join(answers) + "\n", obj=App(config=path)
    )


def test_the_defaults_are_what_was_found(path: Path) -> None:
    result = run(path, "", "", "git.example.com", "", "", "", "", "", APP, "", DATABASE, "", *[""] * 20)

    assert result.exit_code == 0, result.output
    settings = Settings.load(path)
    assert settings.site.hosted_zone_id == "Z0123456789ABCDEFGHIJ"
    assert settings.site.certificate_arn == CERTIFICATE
    assert settings.provider.source_server_name == "git-server"
    assert settings.cutover.go == "manual"
    source = settings.source
    assert isinstance(source, ExistingSource)
    assert (source.application.node_id, source.application.role_name) == (APP, "Server")
    assert source.network.kind == "peered"
    assert source.network.model_dump()["application_group_id"] != source.network.model_dump()["database_group_id"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert "# Names of secrets in Secrets Manager, never the secrets." in path.read_text()
    assert list(path.parent.iterdir()) == [path]


def test_a_hybrid_node_with_its_database_in_a_routed_network(path: Path) -> None:
    answers = [
        "",
        "",
        "git.example.org",
        "",
        "",
        "",
        "",
        HYBRID,
        "Hybrid",
        "",
        "192.168.7.0/24",
        "tgw-0123456789abcdef0",
        "192.168.7.20",
    ]
    result = run(path, *answers, "", "", "", "n")

    assert result.exit_code == 0, result.output
    settings = Settings.load(path)
    assert settings.site.hosted_zone.kind == "elsewhere"
    assert settings.cutover.go == "automatic"
    assert isinstance(settings.source, ExistingSource)
    assert settings.source.network.kind == "routed"
    assert not settings.source.has_database_server


ROUTED = ["", "", "git.example.org", "", "", "", "", HYBRID, "Hybrid", "", "192.168.7.0/24", "tgw-0123456789abcdef0"]
"""answers until the private address"""


def test_only_the_question_of_the_refused_input_is_repeated(path: Path) -> None:
    result = run(path, *ROUTED, "192.168.8.20", "", "", "", "n", "192.168.7.20")

    assert result.exit_code == 0, result.output
    refused = "Error: source.application.address: expected an address in 192.168.7.0/24"
    assert result.stderr.count(refused) == 1
    assert result.stderr.count("private address of") == 2
    assert result.stderr.count("networks of the source's servers") == 1
    assert result.stderr.count("signed in as") == 1
    settings = Settings.load(path)
    assert isinstance(settings.source, ExistingSource)
    assert settings.source.application.address == "192.168.7.20"
    assert settings.cutover.go == "automatic"


def test_after_a_second_refusal_all_questions_of_the_table_are_repeated_with_the_former_input(path: Path) -> None:
    twice = ["192.168.8.20", "", "", "", "n", "192.168.8.20"]
    node, role, database = "", "", ""
    result = run(path, *ROUTED, *twice, node, role, database, "192.168.8.0/24", "", "192.168.8.20", "", "", "")

    assert result.exit_code == 0, result.output
    settings = Settings.load(path)
    assert isinstance(settings.source, ExistingSource)
    assert settings.source.application.node_id == HYBRID
    assert settings.source.network.cidrs == ("192.168.8.0/24",)
    assert settings.site.dns_name == "git.example.org"


def test_two_secrets_of_one_name_are_refused_and_asked_for_again(path: Path) -> None:
    result = run(path, *ROUTED, "192.168.7.20", "gogs/site", "", "", "", "gogs/application")

    assert result.exit_code == 0, result.output
    assert "Error: source.secrets.application: expected three secrets" in result.stderr
    settings = Settings.load(path)
    assert isinstance(settings.source, ExistingSource)
    assert settings.source.secrets.application == "gogs/application"


def test_a_zone_that_does_not_hold_the_name_is_refused_at_its_question(path: Path) -> None:
    zone = ["Z0ABCDEFGHIJ", "example.net", "example.org"]
    result = run(path, "", "", "git.example.org", *zone, *ROUTED[4:], "192.168.7.20", *[""] * 4)

    assert result.exit_code == 0, result.output
    assert "Error: expected git.example.org or a parent of it" in result.stderr
    assert Settings.load(path).site.hosted_zone_id == "Z0ABCDEFGHIJ"


def test_an_interrupted_second_pass_writes_nothing(path: Path) -> None:
    result = run(path, *ROUTED, "192.168.8.20", "", "", "", "n")

    assert isinstance(result.exception, ConfigurationError)
    assert list(path.parent.iterdir()) == []


def test_an_invalid_input_is_rejected_at_once_and_requested_again(path: Path) -> None:
    result = run(
        path,
        "Virginia",
        "us-east-1",
        "",
        "https://git",
        "git.example.com",
        *[""] * 5,
        "i-1",
        APP,
        "",
        DATABASE,
        *[""] * 20,
    )

    assert result.exit_code == 0, result.output
    assert "expected a region of AWS such as us-east-1" in result.stderr
    assert "expected a DNS name such as git.example.com" in result.stderr
    assert "expected the id of a managed node of Systems Manager" in result.stderr


@pytest.mark.parametrize("wrong", ["yes", CERTIFICATE.replace("us-east-1", "eu-west-1"), CERTIFICATE[:-36] + "…"])
def test_a_wrong_certificate_is_refused_at_its_question_and_the_other_values_stay(wrong: str, path: Path) -> None:
    result = run(path, "", "", "git.example.com", "", "", wrong, "", "", "", APP, "", DATABASE, "", *[""] * 20)

    assert result.exit_code == 0, result.output
    assert "Error: expected" in result.stderr
    assert Settings.load(path).site.certificate_arn == CERTIFICATE


def test_an_interrupted_dialog_writes_nothing(path: Path) -> None:
    result = run(path, "", "")

    assert isinstance(result.exception, ConfigurationError)
    assert result.exception.reason == f"not every question was answered, so {path} was not written"
    assert list(path.parent.iterdir()) == []


def test_a_file_in_no_folder_is_refused_before_the_first_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(tmp_path / "nowhere/site.toml"), "init"]) == 1
    printed = capsys.readouterr()
    assert printed.err == (
        f"error: there is no folder {tmp_path}/nowhere for site.toml. Next: create the folder, or name another file\n"
    )
    assert printed.out == ""


def test_an_existing_file_is_never_overwritten(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_text("mine")

    assert main(["--config", str(path), "init"]) == 1
    assert "exists, and is never overwritten" in capsys.readouterr().err
    assert path.read_text() == "mine"


def test_inconsistent_inputs_write_no_file(path: Path) -> None:
    answers: dict[str, Any] = {"aws": {"region": "us-east-1"}, "site": {"dns_name": "a.example.com"}, "source": {}}
    with pytest.raises(ConfigurationError, match="do not fit together") as refused:
        write_settings(path, answers)

    assert "site.hosted_zone: missing" in refused.value.reason
    assert list(path.parent.iterdir()) == []


def test_what_cannot_be_looked_up_is_named_and_asked_for() -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Call")

    def refuse(_service: str) -> Any:
        raise denied

    account = Account(refuse)
    assert (account.list_zones(), account.list_nodes(), account.list_certificates("x")) == ({}, {}, [])
    assert len(account.notes) == 3


def test_without_credentials_nothing_is_asked() -> None:
    def refuse(_service: str) -> Any:
        raise NoCredentialsError

    questions = Questions(lambda _: Account(refuse), "us-east-1")
    with CliRunner().isolation(input="\n\n\n"), pytest.raises(CutoverError, match="sts:GetCallerIdentity"):
        questions.ask()


def write_authority(folder: Path) -> Path:
    """Write a certificate into a new folder, so that the other holds the settings alone."""
    folder.mkdir()
    file = folder / "bundle.pem"
    file.write_bytes(trustme.CA().cert_pem.bytes())
    return file


def test_a_managed_database_below_a_path(path: Path, tmp_path: Path) -> None:
    authority = write_authority(tmp_path / "downloads")
    missing = str(tmp_path / "missing.pem")
    address = ["www.example.com/my git", "www.example.com/git/", "", "", "none"]
    servers = ["", "", APP, "", "managed"]
    database = ["forge.rds.amazonaws.com:port", "forge.rds.amazonaws.com:3307", "rds!db-1", missing, str(authority)]
    network = [*[""] * 4, "sg-0123456789abcdef7"]
    result = run(path, "", "", *address, *servers, *database, *network, *[""] * 20)

    assert result.exit_code == 0, result.output
    assert "expected a path such as /git" in result.stderr
    assert f"{missing} cannot be read: No such file or directory" in result.stderr
    settings = Settings.load(path)
    assert (settings.site.dns_name, settings.site.path) == ("www.example.com", "/git")
    source = settings.source
    assert isinstance(source, ExistingSource)
    assert source.database.kind == "managed"
    assert (source.database.host, source.database.port) == ("forge.rds.amazonaws.com", 3307)
    assert source.database.administrator_secret == "rds!db-1"
    assert source.database.certificate_authority.strip() == authority.read_text().strip()
    # The application server is in a VPC. The group of the service is not that of this server.
    assert source.network.model_dump()["database_group_id"] == "sg-0123456789abcdef7"
    assert "-----BEGIN CERTIFICATE-----\n" in path.read_text()
