"""What a sentence about a wrong value shows: the expected form in plain words, the line, and never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.settings.loading import change, load, number_of, refusal
from tests.unit.sources.tables import CONFIGURATION, MANAGED, PEERED, ROUTED, format_configuration

DEMO = CONFIGURATION.read_text(encoding="utf-8")
LONG = "x" * 300
HOOK = '\n[[hooks]]\nname = "a"\npoint = "before-freeze"\nmachine = "source-app"\ncommand = "/x/y"\nseconds = 60\n'


@pytest.mark.parametrize(
    "text",
    [
        DEMO.replace('"cutover/console"', '\'{"username": "me", "password": "hunter2"}\''),
        DEMO.replace('"cutover/agent-token"', '"hunter2 hunter2"'),
        DEMO.replace("https://console", "https://me:hunter2@console"),
        DEMO.replace("https://github.com", "https://me:hunter2@github.com"),
        DEMO.replace("[aws]\n", '[[aws]]\npassword = "hunter2"\n'),
        DEMO.replace("[aws]\n", '[aws]\npassword = "hunter2"\n'),
        change(ROUTED, '"forge/application"', '"hunter2 "'),
        change(ROUTED, '"forge/application"', '"hunter2-abcdef"'),
        change(MANAGED, '"rds!db-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"', '"{hunter2}"'),
        change(MANAGED, "-----BEGIN CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----\nhunter2"),
    ],
)
def test_a_secret_in_the_file_is_not_shown(text: str, tmp_path: Path) -> None:
    assert "hunter2" in text
    found = refusal(tmp_path, text)

    assert "hunter2" not in found
    assert found.startswith("site.toml:"), "the line tells which value is meant"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("app_volume_gib = 20", 'app_volume_gib = "20GB"', "source.app_volume_gib: expected a whole number, without quotation marks and without a unit, not '20GB'"),
        ("demo_content = true", "demo_content = 1", "source.demo_content: expected true or false, not 1"),
        ("[replication]", "[[replication]]", "replication: expected a table, not a list of 1"),
        ('on_delete = "keep"', "on_delete = []", "database.on_delete: expected 'keep' or 'delete', not a list of 0"),
        ('cutover_id = "first"', "cutover_id = 1", "cutover_id: expected a text in quotation marks, not 1"),
        ('console_url = "https://console', 'console_url = "console', "provider.console_url: expected an address that begins with https:// or http://, not 'console.cloudendure.com'"),
        ('project = "Gogs"', f'project = "{LONG}"', f"provider.project: expected at most 255 characters, not '{LONG[:79]}…"),
        ('project = "Gogs"', 'project = "Go\\ngs"', "provider.project: expected a name without line breaks, tabs and other control characters, and without spaces at its beginning and end, not 'Go\\ngs'"),
        ('source_server_name = "gogs"', 'source_server_name = " "', "provider.source_server_name: expected a name without line breaks, tabs and other control characters, and without spaces at its beginning and end, not ' '"),
        ('version = "0.14.3"', 'version = "0.14.3"\nkind = "x"', "gogs.kind: unknown key; expected one that migration.toml explains"),
    ],
)  # fmt: skip
def test_the_expected_form_is_in_plain_words(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    assert DEMO.count(f"\n{old}") == 1

    assert refusal(tmp_path, DEMO.replace(f"\n{old}", f"\n{new}")).partition(": ")[2] == sentence


@pytest.mark.parametrize(
    ("second", "line", "sentence"),
    [
        (HOOK.replace("before-freeze", "before-frez").replace('"a"', '"b"'), "point =", "hooks.1.point: expected"),
        (HOOK.replace("seconds = 60\n", "").replace('"a"', '"b"'), "[[hooks]]", "hooks.1.seconds: missing"),
        (HOOK.replace('"a"', '"b"') + "retries = 3\n", "retries =", "hooks.1.retries: unknown key"),
    ],
)
def test_the_line_of_a_table_in_a_list_is_that_of_its_own_key(
    second: str, line: str, sentence: str, tmp_path: Path
) -> None:
    before = DEMO + HOOK

    number = before.count("\n") + number_of(second, line)
    # The last line from which on the table is known, if a key is missing
    assert refusal(tmp_path, before + second).startswith(f"site.toml:{number}: {sentence}")


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (DEMO + HOOK + HOOK, "[[hooks]]", "hooks: expected each hook to have a name of its own, and a is used twice"),
        (f'application = "gitlab"\n{DEMO}', "application =", "application: expected one of gogs"),
        (DEMO.replace("# path =", "path ="), "path =", "site.path: expected no path: SourceStack installs the demo"),
        (DEMO.replace("# certificate_arn", "certificate_arn"), "certificate_arn =", "site.certificate_arn: expected the ARN of a certificate of ACM"),
    ],
)  # fmt: skip
def test_a_check_of_several_settings_names_the_line(text: str, line: str, sentence: str, tmp_path: Path) -> None:
    number = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith(line))

    assert refusal(tmp_path, text).startswith(f"site.toml:{number}: {sentence}")


@pytest.mark.parametrize(
    ("tables", "old", "new", "expected"),
    [
        (ROUTED, '"192.168.7.0/24"', '"192.168.7.0/255.255.255.0"', "as AWS writes it, with the length of its prefix: 192.168.7.0/24, not"),
        (ROUTED, '"192.168.7.0/24"', '"192.168.7.20"', "with the length of its prefix: 192.168.7.20/32, not"),
        (ROUTED, '"192.168.7.0/24"', '"127.0.0.0/8"', "which other machines reach, not '127.0.0.0/8'"),
        (ROUTED, '"192.168.7.20"', '"127.0.0.1"', "which other machines reach, not '127.0.0.1'"),
        (PEERED, '"172.31.0.0/16"', '"169.254.0.0/16"', "which other machines reach, not '169.254.0.0/16'"),
    ],
)  # fmt: skip
def test_a_network_that_no_route_can_have_is_refused(
    tables: str, old: str, new: str, expected: str, tmp_path: Path
) -> None:
    assert expected in refusal(tmp_path, change(tables, old, new))
    load(tmp_path, format_configuration(tables))


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    found = refusal(tmp_path, change(MANAGED, 'engine = "mysql"', 'engine = "ma\\u001b[31m\\nria"'))

    assert r"the writes of ma\x1b[31m ria as a managed service" in found
