"""The exit codes of the command line. A mistake of the user is one sentence, never a stack trace. tests/unit/golden has the output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from operate.cli import COMMANDS

ROOT = Path(__file__).parents[3]
CUTOVER = Path(sys.executable).with_name("cutover")


def cutover(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command with credentials for nothing."""
    given = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t", "AWS_EC2_METADATA_DISABLED": "true"}
    return run_command([str(CUTOVER), *arguments], {**given, **keys, **environment})


def run_command(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("undo",),
        ("rollback", "--seconds", "0"),
        ("dry-run", "--kind", "all"),
        ("--config", "nowhere.toml", "status"),
        ("report", "--evidence", "nowhere"),
        ("report", "--client", "nowhere.jsonl"),
    ],
)
def test_wrong_usage_exits_with_status_2(arguments: tuple[str, ...]) -> None:
    done = cutover(*arguments)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["status", "dry-run", "rollback"])
def test_an_unreachable_aws_is_reported_in_one_sentence(command: str) -> None:
    done = cutover(command, AWS_ENDPOINT_URL="http://127.0.0.1:1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: dynamodb:GetItem: Could not connect")
    assert done.stderr.count("\n") == 1
    assert "check the network" in done.stderr


def test_a_missing_profile_is_reported_in_one_sentence() -> None:
    done = cutover("status", AWS_PROFILE="nobody", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null")

    assert done.returncode == 1
    assert done.stderr == (
        "error: The config profile (nobody) could not be found. Next: name a profile of ~/.aws/config with AWS_PROFILE, or correct that file\n"
    )


def test_the_error_is_one_json_object_where_json_is_requested() -> None:
    done = cutover("status", "--json", AWS_ENDPOINT_URL="http://127.0.0.1:1")

    assert done.returncode == 1
    printed = json.loads(done.stdout)
    assert printed["ok"] is False
    assert printed["error"]["reason"].startswith("dynamodb:GetItem: Could not connect")
    assert "check the network" in printed["error"]["next"]


def test_wrong_usage_is_one_json_object_where_json_is_requested() -> None:
    done = cutover("--json", "undo")

    assert done.returncode == 2
    assert json.loads(done.stdout) == {"ok": False, "error": {"reason": "No such command 'undo'."}}


@pytest.mark.parametrize(
    "arguments",
    [("--json", "--help"), ("--help", "--json"), ("--json", "status", "-h"), ("status", "--json", "--help"), ("status", "--help", "--json")],
)  # fmt: skip
def test_the_help_is_one_json_object_where_json_is_requested(arguments: tuple[str, ...]) -> None:
    done = cutover(*arguments)

    printed = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert printed["ok"] is True
    assert printed["help"].startswith("Usage: cutover")
    assert ("--watch" in printed["help"]) == ("status" in arguments)


@pytest.mark.parametrize("arguments", [("--json", "--version"), ("--version", "--json")])
def test_the_version_is_one_json_object_where_json_is_requested(arguments: tuple[str, ...]) -> None:
    done = cutover(*arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"ok": True, "version": version("cutover")}
    assert cutover("--version").stdout == f"cutover, version {version('cutover')}\n"


def test_the_help_lists_every_command_with_what_it_does() -> None:
    done = cutover("--help", COLUMNS="60")

    assert done.returncode == 0
    for name in COMMANDS:
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"  {name} ")]
        assert len(line.split()) > 3
        assert not line.endswith("..."), "the first sentence of its help is too long for a narrow terminal"


@pytest.mark.parametrize(
    ("words", "now"), [(("status",), "status"), (("orphaned", "--remove"), "clean-up"), (("rollback",), "rollback")]
)
def test_the_former_words_still_work_and_name_the_new_ones(words: tuple[str, ...], now: str) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    done = run_command([sys.executable, "-m", "operate", *words], {**os.environ, **keys})

    note, error = done.stderr.splitlines()
    assert done.returncode == 1
    assert note.endswith(f"write: cutover {now}")
    assert "Could not connect" in error


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_of_each_shell_names_the_command(shell: str) -> None:
    done = cutover("completion", shell)

    assert done.returncode == 0
    assert "_CUTOVER_COMPLETE" in done.stdout


def test_the_shell_gets_the_names_of_the_commands() -> None:
    done = cutover(_CUTOVER_COMPLETE="bash_complete", COMP_WORDS="cutover ro", COMP_CWORD="1")

    assert done.stdout == "plain,rollback\n"
