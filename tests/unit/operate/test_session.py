"""Credentials and endpoints that no call can use: one sentence that shows no secret, and one JSON object where it is requested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from operate.cli import main

SETTINGS = str(Path(__file__).parents[3] / "migration.toml")
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hunter2hunter2", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}  # fmt: skip
PROFILE = "correct the profile in ~/.aws/config, or name another one with AWS_PROFILE"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", *KEYS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def status(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return the error of `cutover status`, which is one sentence and one JSON object."""
    assert main(["--json", "--config", SETTINGS, "status"]) == 1
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert "hunter2" not in printed.err + printed.out
    error: dict[str, str] = json.loads(printed.out)["error"]
    assert error["next"]
    return error


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("AWS_SESSION_TOKEN", "hunter2\n", "the session token of the AWS credentials contains"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2 hunter2", "the secret access key of the AWS credentials contains"),
        ("AWS_ACCESS_KEY_ID", "AKID\x1b", "the access key id of the AWS credentials contains"),
        ("AWS_ENDPOINT_URL", "nonsense", "cannot be made: Invalid endpoint: nonsense"),
        ("HTTP_PROXY", "http://127.0.0.1:1", "Failed to connect to proxy URL"),
    ],
)
def test_a_value_that_cannot_be_sent_is_named_and_not_shown(
    name: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, usual in KEYS.items():
        monkeypatch.setenv(key, usual)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    if name == "HTTP_PROXY":
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://aws.example")
    monkeypatch.setenv(name, value)

    assert reason in status(capsys)["reason"]


@pytest.mark.parametrize(
    ("lines", "reason", "advice"),
    [
        ("credential_process = /nowhere/program", "No such file or directory: '/nowhere/program'", PROFILE),
        ("credential_process = echo hunter2", "Expecting value: line 1 column 1", PROFILE),
        ("role_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /nowhere/token", "No such file or directory: '/nowhere/token'", PROFILE),
        ("credential_process = /bin/sh -c 'echo one >&2; echo two >&2; exit 1'", "one two", "AWS_PROFILE"),
    ],
)  # fmt: skip
def test_a_profile_without_usable_credentials_is_one_sentence(
    lines: str, reason: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    (tmp_path / "config").write_text(f"[profile p]\n{lines}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_PROFILE", "p")

    error = status(capsys)
    assert reason in error["reason"]
    assert advice in error["next"]


def test_a_defect_is_one_json_object_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("no number")

    monkeypatch.setattr("operate.commands.status.StatusReader", crash)
    for key, usual in KEYS.items():
        monkeypatch.setenv(key, usual)

    with pytest.raises(ZeroDivisionError):  # its stack trace is for the report of the defect
        main(["--config", SETTINGS, "status", "--json"])
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["reason"] == "defect of this command: ZeroDivisionError: no number"
