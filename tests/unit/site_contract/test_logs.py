"""The logs of a failed launched machine: they contain the reason and no secret, and have a limited length."""

from __future__ import annotations

import base64
import os
import random
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from common.clients.console import Consoles
from cutover_site.errors import CommandFailed, NotConfigured, Refused
from cutover_site.gogs import home
from cutover_site.gogs.inherited_settings import find_home_secrets, find_settings_secrets
from cutover_site.gogs.layout import GogsLayout
from cutover_site.launch import logs
from cutover_site.launch.scrub import REMOVED, scrub
from cutover_site.launch.secrets import find_known_secrets
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.result_size import MAX_CHARACTERS, serialize
from cutover_site.verbs.launch import collect_logs

from rehearsal.job.secrecy.forms import list_forms

SECRET = "p@ss'w/rd \"ü&<7"
SECRETS: dict[str, dict[str, str]] = {
    "site": {"SECRET_KEY": "sk-0123456789", "admin_username": "site-admin", "admin_password": SECRET,
             "app_ini": "[mailer]\nUSER = robot\nPASSWD = mail-secret-1\nHOST = mail:25\n[webhook]\nDELIVER_TIMEOUT = 5\n"},
    "app": {"username": "gogs", "password": "application-pw", "host": "db.example.com", "port": "3306"},
    "source": {"username": "dms", "password": "replication-pw"},
}  # fmt: skip


class FakeAws:
    refused = False

    def read_secret(self, identifier: str) -> dict[str, str]:
        if self.refused:
            raise NotConfigured(f"secret {identifier} cannot be read: AccessDenied")
        return SECRETS[identifier]


class Launched(Machine):
    roles = ("replica",)
    aws = FakeAws()  # type: ignore[assignment]

    def get_fact(self, key: str) -> str:
        return {"site_secret": "site", "database_app_secret": "app", "source_database_secret": "source"}[key]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launched:
    layout = GogsLayout(tmp_path)
    found = Launched(layout)
    layout.app_ini.parent.mkdir(parents=True)
    layout.app_ini.write_text("[security]\nSECRET_KEY = `disk-key-77`\n[database]\nPASSWD = disk-pw-88\n")
    set_program_output(monkeypatch, lambda *words: f"{words[-1]}: fine")
    return found


def set_program_output(monkeypatch: pytest.MonkeyPatch, output: Callable[..., str]) -> None:
    """Replace the output of every program that the machine runs for its logs by `output(*command)`."""

    def run(*command: str, **_: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess(command, 0, output(*command).encode(), b"")

    monkeypatch.setattr(logs, "run", run)


def text(facts: dict[str, Any]) -> str:
    return zlib.decompress(base64.b64decode(facts["logs"])).decode()


@pytest.mark.parametrize("form", sorted(list_forms(SECRET)))
def test_a_secret_is_removed_in_every_encoding_that_the_search_knows(form: bytes) -> None:
    cleaned = scrub(f"2026 gogs[1]: <{form.decode()}> and more", [SECRET], PROFILE.logs)
    assert form.decode() not in cleaned
    assert "and more" in cleaned


PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nAAAA\n-----END OPENSSH PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"key: {PEM} after", "after"),
        ("hidden-1\nhidden-1\n-----END RSA PRIVATE KEY-----\nafter", "after"),
        ("cut: -----BEGIN RSA PRIVATE KEY-----\nhidden-1", "cut"),
        ("> Authorization: Basic hidden-1aGlkZGVuLTE=", "Authorization"),
        ("Cookie: i_like_gogs=hidden-1; lang=en", "Cookie"),
        ("cloning https://bob:hidden-1@example.com/x.git failed", "example.com/x.git failed"),
        ("pushing to https://hidden-1hidden-1@example.com/x.git", "example.com"),
        ("dial: gogs:hidden-1@tcp(db:3306)/gogs?tls=true refused", "db:3306)/gogs"),
        ("PASSWD = hidden-1", "PASSWD"),
        ('{"secret_key": "hidden-1", "b": 2}', '"b": 2'),
        ("DB_PASSWORD=hidden-1 user=gogs", "user=gogs"),
        ("GET /a?token=hidden-1&x=5 200", "x=5 200"),
        ("GET /tasks/trigger?branch=x&secret=hidden-1&pusher=4", "pusher=4"),
        ("sent with token hidden-1hidden-1", "sent with token"),
        ("using key ASIAHIDDEN1HIDDEN123", "using"),
        ("password: 'hidden-1 with blanks' next", "next"),
    ],
)
def test_text_that_resembles_a_secret_is_removed(line: str, kept: str) -> None:
    cleaned = scrub(line, [], PROFILE.logs)
    assert "hidden-1" not in cleaned
    assert "HIDDEN1" not in cleaned
    assert REMOVED in cleaned
    assert kept in cleaned


@pytest.mark.parametrize(
    "line",
    [
        "[FATAL] [...b/routes/install.go:68 GlobalInit()] Failed to initialize ORM engine: dial tcp 10.0.0.1:3306: i/o timeout",
        "commit 1234567890123456789012345678901234567890 of refs/heads/main",
        "cutover_site.files: brought 17 files, 4096 bytes to scratch",
        "clone http://gogs.example.com/alice/app.git",
    ],
)
def test_text_with_the_reason_is_kept(line: str) -> None:
    assert scrub(line, ["unrelated-secret"], PROFILE.logs) == line


def test_known_secrets_include_those_of_the_site_and_of_app_ini(machine: Launched) -> None:
    found = find_known_secrets(machine)
    assert {"sk-0123456789", SECRET, "mail-secret-1", "application-pw", "replication-pw", "disk-key-77", "disk-pw-88"} <= found  # fmt: skip
    assert found.isdisjoint({"site-admin", "gogs", "db.example.com", "robot", "3306"})


def test_a_url_is_secret_only_with_a_password() -> None:
    values = find_settings_secrets(
        "[a]\nDB_URL = mysql://u:pw@h/x\nEXTERNAL_URL = http://g.example.com/\nDISABLE_KEY = true\n"
    )
    assert "mysql://u:pw@h/x" in values
    assert values.isdisjoint({"http://g.example.com/", "true"})


def test_logs_are_collected_without_secrets(machine: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    message = f"Failed with {SECRET}, disk-key-77 and mail-secret-1 because"
    set_program_output(monkeypatch, lambda *words: message if "--unit=gogs.service" in words else "")
    folder = machine.layout.home / "log"
    folder.mkdir(parents=True)
    (folder / "gogs.log").write_text("[FATAL] application-pw is wrong\n")
    (folder / "old.log").write_text("an old line")
    os.utime(folder / "old.log", (0, 0))

    facts = collect_logs(machine, None)  # type: ignore[arg-type]

    found = text(facts)
    assert f"Failed with {REMOVED}, {REMOVED} and {REMOVED} because" in found
    assert f"[FATAL] {REMOVED} is wrong" in found
    assert "an old line" not in found
    assert "journal of gogs.service" in facts["sources"]


def test_no_log_is_collected_without_the_known_secrets(machine: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Launched.aws, "refused", True)
    set_program_output(monkeypatch, lambda *_: "this may contain a secret")
    found = text(logs.collect_logs(machine))
    assert "not collected" in found
    assert "AccessDenied" in found
    assert "may contain" not in found


def test_logs_of_any_length_fit_the_limit_and_keep_their_end(
    machine: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ALL_SECONDS", 600.0)  # the machine that runs the tests may be slow
    noise = random.Random(7)
    long = "".join(chr(noise.randrange(33, 0x2000)) for _ in range(50_000))
    set_program_output(monkeypatch, lambda *_: f"cut off {'x' * 90_000}\n{long} the end")
    facts = logs.collect_logs(machine)
    assert len(serialize({"ok": True, **facts})) < MAX_CHARACTERS
    assert text(facts).count("the end") == len(logs.UNITS) + len(PROFILE.units) + 2


def test_a_truncated_line_is_omitted(machine: Launched) -> None:
    folder = machine.layout.home / "log"
    folder.mkdir(parents=True)
    (folder / "a.log").write_text("hidden-1" * 40_000 + "\nwhole\n")
    assert logs.read_tail(folder / "a.log") == "whole\n"
    assert logs.keep_last_lines("hidden-1" * 40_000 + "\nwhole\n") == "whole\n"
    assert "hidden" not in logs.keep_last_lines("hidden-1" * 40_000)


def test_an_unreadable_log_is_reported_within_the_time_limit(
    machine: Launched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: str) -> str:
        raise CommandFailed("journalctl did not end within 3 s")

    set_program_output(monkeypatch, fail)
    assert "cannot be read: journalctl did not end" in text(logs.collect_logs(machine))
    monkeypatch.setattr(logs, "ALL_SECONDS", -1.0)
    began = time.monotonic()
    assert "there was no time left" in text(logs.collect_logs(machine))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("role", ["source-app", "source-database", ""])
def test_only_launched_machines_return_logs(machine: Launched, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Launched, "roles", (role,) if role else ())
    monkeypatch.setattr(Launched, "instance_id", "i-1")
    with pytest.raises(Refused):
        collect_logs(machine, None)  # type: ignore[arg-type]


class FakeEc2:
    def __init__(self, output: str) -> None:
        self.output = output

    def get_console_output(self, *, InstanceId: str, Latest: bool) -> dict[str, str]:  # noqa: N803
        assert (InstanceId, Latest) == ("i-1", True)
        return {"Output": self.output}  # botocore returns it decoded


@pytest.mark.parametrize(
    "line", [f"boot {PEM} done", "curl https://u:hidden-1@h/", "password=hidden-1", "Authorization: Bearer hidden-1"]
)
def test_console_output_is_returned_without_secrets(line: str) -> None:
    found = Consoles(FakeEc2(line)).read("i-1")  # type: ignore[arg-type]
    assert "hidden-1" not in found
    assert "b3Blbn" not in found
    assert REMOVED in found


def test_passwords_in_the_home_of_git_are_secrets(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.home.mkdir(parents=True)
    (layout.home / ".netrc").write_text("machine mirror.example.com login robot\n  password netrc-pw-1\n")
    (layout.home / ".git-credentials").write_text("https://robot:store-pw-2@git.example.com\n")
    (layout.home / "fetch.sh").symlink_to("/usr/local/bin/fetch")

    assert find_home_secrets(home.pack(layout)) == {"netrc-pw-1", "store-pw-2"}
    assert find_home_secrets("") == set()
    with pytest.raises(NotConfigured):
        find_home_secrets("damaged")
