"""`cutover init` refuses wrong input at once, asks only for that again, and writes no file that the stacks would not accept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError
from click.testing import CliRunner
from common.errors import ConfigurationError, CutoverError
from settings import Settings
from settings.sources import ExistingSource

from operate.cli import main
from operate.init.account import Account
from operate.init.questions import Questions
from operate.init.writer import write_settings
from tests.unit.operate.init.dialogs import APP, CERTIFICATE, DATABASE, HYBRID, ROUTED, run


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


def test_without_credentials_nothing_is_asked() -> None:
    def refuse(_service: str) -> Any:
        raise NoCredentialsError

    questions = Questions(lambda _: Account(refuse), "us-east-1")
    with CliRunner().isolation(input="\n\n\n"), pytest.raises(CutoverError, match="sts:GetCallerIdentity"):
        questions.ask()
