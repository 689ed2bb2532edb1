"""The behaviour of the command line that needs no world."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from rehearsal.cli import main
from rehearsal.settings import Settings
from rehearsal.world.records import Machine, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("REHEARSAL_HOME", str(tmp_path))
    monkeypatch.setenv("REHEARSAL_PORT", "48000")
    return Settings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PORT": "48000"})


def test_wrong_usage_exits_with_status_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"REHEARSAL_SOURCE": "foo"}, "The source 'foo' (SOURCE of make, REHEARSAL_SOURCE) is unknown"),
        ({"REHEARSAL_SHAPE": "spread"}, "The shape 'spread' is one of the existing site: give SOURCE=existing too."),
    ],
)
def test_a_rehearsal_of_an_impossible_site_does_not_begin(
    environment: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert main(["rehearse"]) == 2
    assert capsys.readouterr().err.startswith(f"rehearsal: {sentence}")


def test_the_status_of_a_stopped_world_exits_with_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert "does not run" in capsys.readouterr().out


def test_the_output_of_env_can_be_evaluated_by_a_shell(capsys: pytest.CaptureFixture[str], home: Settings) -> None:
    assert main(["env"]) == 0
    lines = capsys.readouterr().out.splitlines()
    exports = dict(shlex.split(line)[1].split("=", 1) for line in lines if line.startswith("export "))
    assert exports["AWS_ENDPOINT_URL"] == "http://127.0.0.1:48000"
    assert exports["CUTOVER_CONFIG"] == str(home.home / "migration.toml")
    assert all(line.startswith(("export ", "# ")) for line in lines)


def test_a_machine_without_a_process_is_listed_as_stopped(capsys: pytest.CaptureFixture[str], home: Settings) -> None:
    write(home, Machine("i-1", "10.0.0.1", "gogs", "source-app", "running", 2**22 - 1, Path("/disk.raw")))
    assert main(["machines", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["role"], one["state"], one["leader"]) for one in found] == [
        ("i-1", "source-app", "stopped", None)
    ]


@pytest.mark.parametrize("command", [["exec", "nobody", "--", "true"], ["kill", "nobody"]])
def test_the_error_for_an_unknown_machine_lists_the_existing_ones(
    command: list[str], capsys: pytest.CaptureFixture[str], home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    write(home, Machine("i-1", "10.0.0.1", "gogs", "source-app", "stopped", None, Path("/disk.raw")))
    assert main(command) == 1
    error = capsys.readouterr().err
    assert "nobody" in error
    assert "i-1 (source-app)" in error


def test_up_without_root_is_rejected_with_advice(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert main(["up"]) == 1
    assert "sudo" in capsys.readouterr().err
