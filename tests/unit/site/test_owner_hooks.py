"""A hook of the site's owner on its machine: what may run, how it runs, and what of its output leaves the machine."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.errors import CommandFailed, NotConfigured, Refused
from cutover_site.gogs.layout import GogsLayout
from cutover_site.machine import Machine
from cutover_site.owner_hooks import process
from cutover_site.owner_hooks.executable import require_trusted
from cutover_site.owner_hooks.output import MAX_LINE_CHARACTERS, MAX_LINES, clean_output
from cutover_site.verbs import hook as verb

USER = getpass.getuser()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    real = Path(os.path.realpath(tmp_path))
    real.chmod(0o755)
    return real


def write_script(folder: Path, text: str, mode: int = 0o755) -> Path:
    path = folder / "hook"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(mode)
    return path


def trust(path: Path) -> Path:
    return require_trusted(str(path), owner=os.getuid())


def test_an_executable_that_only_its_owner_can_change_may_run(folder: Path) -> None:
    path = write_script(folder, "true")
    assert trust(path) == path


@pytest.mark.parametrize("mode", [0o777, 0o757])
def test_an_executable_that_others_can_write_is_refused(folder: Path, mode: int) -> None:
    with pytest.raises(Refused, match=r"hook may be changed by others: .*hook has mode 07"):
        trust(write_script(folder, "true", mode))


def test_an_executable_in_a_folder_that_others_can_write_is_refused(folder: Path) -> None:
    inner = folder / "open"
    inner.mkdir()
    path = write_script(inner, "true")
    inner.chmod(0o777)
    with pytest.raises(Refused, match="open has mode 0777"):
        trust(path)
    inner.chmod(0o1777)  # with the sticky bit nobody can replace the file
    assert trust(path) == path


def test_an_executable_of_another_user_is_refused(folder: Path) -> None:
    path = write_script(folder, "true")
    if os.getuid() == 0:
        os.chown(path, 65534, 65534)
    with pytest.raises(Refused, match="belongs to user"):
        require_trusted(str(path), owner=0)


@pytest.mark.parametrize("text", ["hook", "./hook", ""])
def test_a_relative_path_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="absolute path"):
        require_trusted(text)


def test_a_symbolic_link_is_refused_with_the_path_to_name(folder: Path) -> None:
    path = write_script(folder, "true")
    link = folder / "link"
    link.symlink_to(path)
    with pytest.raises(Refused, match="symbolic link") as refused:
        trust(link)
    assert str(path) in refused.value.next_action


def test_a_missing_file_and_one_without_permission_are_refused(folder: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        trust(folder / "missing")
    with pytest.raises(Refused, match="no executable file"):
        trust(write_script(folder, "true", 0o644))
    with pytest.raises(Refused, match="no executable file"):
        trust(folder)


def run(path: Path, seconds: float = 10, payload: bytes = b"{}") -> process.Ended:
    return process.run(path, payload, seconds=seconds, user=USER)


def test_a_hook_reads_its_input_and_has_a_plain_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "leaked")
    ended = run(write_script(folder, "cat; pwd; env; echo wrong >&2; exit 3"), payload=b'{"run": "m1"}\n')

    assert ended.exit_code == 3
    lines = ended.output.splitlines()
    assert lines[:2] == ['{"run": "m1"}', "/"]
    assert lines[-1] == "wrong"
    assert "leaked" not in ended.output
    assert {line.partition("=")[0] for line in lines if "=" in line} <= {
        "PATH", "HOME", "USER", "LOGNAME", "LC_ALL", "PWD", "SHLVL", "_", "OLDPWD",
    }  # fmt: skip


def test_a_hook_need_not_read_its_input(folder: Path) -> None:
    assert run(write_script(folder, "exec 0<&-; exit 0"), payload=b"x" * 10_000).exit_code == 0


def test_a_hook_that_exceeds_its_limit_is_ended_with_its_children(folder: Path) -> None:
    mark = folder / "mark"
    ended = run(write_script(folder, f"echo begun; (sleep 3; touch {mark}) & sleep 60"), seconds=0.5)

    assert ended.exit_code is None
    assert ended.output == "begun\n"
    assert ended.seconds < 2.5
    time.sleep(max(0.0, 3.2 - ended.seconds))
    assert not mark.exists()


def test_a_hook_that_ignores_the_signal_is_killed(folder: Path) -> None:
    ended = run(write_script(folder, "trap '' TERM; while :; do sleep 0.1; done"), seconds=0.3)

    assert ended.exit_code is None
    assert ended.seconds < 5


def test_a_process_in_the_background_is_not_waited_for(folder: Path) -> None:
    ended = run(write_script(folder, "(yes & echo $! >&2; sleep 1; kill $!) & echo done"), seconds=20)

    assert ended.exit_code == 0
    assert ended.seconds < 10


def test_only_the_end_of_a_long_output_is_kept(folder: Path) -> None:
    ended = run(write_script(folder, "yes line | head -200000; echo last"))

    assert ended.output.endswith("line\nlast\n")
    assert len(ended.output) <= process.MAX_OUTPUT_BYTES


def test_what_cannot_be_started_is_named(folder: Path) -> None:
    path = folder / "hook"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    with pytest.raises(CommandFailed, match="cannot be started"):
        run(path)
    with pytest.raises(Refused, match="no user nobody-here"):
        process.run(path, b"", seconds=1, user="nobody-here")


def test_the_output_leaves_without_secrets_and_control_characters() -> None:
    text = "\x1b[31mred\x00\n\nuser app-pw-123 \npassword: hunter22\nlast " + "x" * 500
    lines = clean_output(text, lambda: {"app-pw-123"}, PROFILE.logs)

    assert lines[0] == "[31mred"
    assert lines[1] == "user [removed]"
    assert "hunter22" not in str(lines)
    assert len(lines[-1]) == MAX_LINE_CHARACTERS
    assert len(clean_output("\n".join(map(str, range(100))), set, PROFILE.logs)) == MAX_LINES


def test_no_secret_is_read_for_no_output() -> None:
    def fail() -> set[str]:
        raise AssertionError

    assert clean_output(" \n", fail, PROFILE.logs) == []


class FakeAws:
    def read_secret(self, identifier: str) -> dict[str, str]:
        if identifier == "app":
            raise NotConfigured("secret app cannot be read: AccessDenied")
        return {"username": "dms", "password": f"{identifier}-password"}


class Source(Machine):
    roles = ("source-app",)
    instance_id = "i-1"
    aws = FakeAws()  # type: ignore[assignment]

    def require_root(self) -> None: ...

    def get_fact(self, key: str) -> str:
        return {"site_secret": "site", "database_app_secret": "app", "source_database_secret": "source"}[key]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    layout = GogsLayout(tmp_path / "root")
    layout.app_ini.parent.mkdir(parents=True)
    layout.app_ini.write_text("[database]\nPASSWD = disk-pw-88\n")
    monkeypatch.setattr(verb, "require_trusted", lambda command: require_trusted(command, owner=os.getuid()))
    return Source(layout)


def call(machine: Machine, command: Path, **more: Any) -> dict[str, Any]:
    values = {
        "run": "m1-c-1", "point": "before-freeze", "name": "banner", "command": str(command), "user": USER, "seconds": 10.0,
        "input": '{"site": "gogs"}', **more,
    }  # fmt: skip
    return verb.run_hook(machine, argparse.Namespace(**values))


def test_the_verb_adds_the_machine_to_the_input(machine: Source, folder: Path) -> None:
    result = call(machine, write_script(folder, "cat; echo source-password disk-pw-88"))

    assert (result["outcome"], result["exit_code"]) == ("passed", 0)
    assert json.loads(result["lines"][0]) == {"site": "gogs", "machine": {"id": "i-1", "roles": ["source-app"]}}
    assert result["lines"][1] == "[removed] [removed]"


def test_a_repeated_command_runs_nothing_again(machine: Source, folder: Path) -> None:
    path = write_script(folder, f"echo x >> {folder}/count; exit 4")
    first, second = call(machine, path), call(machine, path)

    assert first["outcome"] == "failed"
    assert second == {**first, "repeated": True}
    assert (folder / "count").read_text() == "x\n"
    # And another point or another run is another call
    call(machine, path, point="on-rollback")
    call(machine, path, run="m2-c-1")
    assert (folder / "count").read_text() == "x\n" * 3


def test_the_result_of_the_machine_that_was_copied_is_not_used(machine: Source, folder: Path) -> None:
    path = write_script(folder, f"echo x >> {folder}/count")
    call(machine, path)
    replica = Source(machine.layout)
    replica.instance_id = "i-2"
    call(replica, path)

    assert (folder / "count").read_text() == "x\n" * 2


def test_names_that_could_leave_the_folder_are_refused(machine: Source, folder: Path) -> None:
    with pytest.raises(Refused, match="letters, digits"):
        call(machine, write_script(folder, "true"), name="../banner")


def test_a_hook_that_exceeds_its_limit_has_no_exit_code(machine: Source, folder: Path) -> None:
    result = call(machine, write_script(folder, "sleep 30"), seconds=0.2)

    assert (result["outcome"], result["exit_code"]) == ("timed-out", None)
