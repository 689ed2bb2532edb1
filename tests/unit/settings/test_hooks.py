"""Tables [[hooks]] of migration.toml: what is refused, in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from common.hooks import POINTS
from common.settings import Settings as FunctionSettings
from settings import Settings, SettingsError
from settings.hooks import ENVIRONMENT_BYTES, MAX_HOOKS, OTHER_VARIABLES_BYTES, PointName
from state_machines.environment import build_hooks_environment, build_procedure_environment

ROOT = Path(__file__).parents[3]
FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:announce:live"
MACHINE = {"name": "banner", "point": "before-freeze", "machine": "source-app", "command": "/opt/banner", "seconds": 30}


def load(folder: Path, *hooks: dict[str, Any], more: str = "") -> Settings:
    tables = "".join(
        "\n[[hooks]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in hook.items()) for hook in hooks
    )
    path = folder / "migration.toml"
    path.write_text((ROOT / "migration.toml").read_text() + tables + more)
    return Settings.load(path)


def test_a_hook_on_a_machine_and_one_that_is_a_function(tmp_path: Path) -> None:
    function = {"name": "news", "point": "after-commit", "function": FUNCTION, "seconds": 10}
    settings = load(tmp_path, MACHINE, function)

    assert settings.hook_points == {"before-freeze", "after-commit"}
    assert [hook.is_required for hook in settings.hooks] == [True, False]


def test_the_functions_read_what_the_settings_write(tmp_path: Path) -> None:
    function = {"name": "news", "point": "after-commit", "function": FUNCTION, "seconds": 10}
    environment = build_hooks_environment(
        load(tmp_path, {**MACHINE, "user": "www-data", "required": False}, function).hooks
    )
    found = FunctionSettings.from_environment(
        {
            "CUTOVER_SITE": "gogs",
            "CUTOVER_RUNS_TABLE": "runs",
            "CUTOVER_EVIDENCE_BUCKET": "evidence",
            "CUTOVER_APPLICATION": "gogs",
            "CUTOVER_PROVIDER": "mgn",
            "CUTOVER_SOURCE_SERVER": "gogs",
            **environment,
        }
    ).hooks

    assert [(hook.name, hook.machine, hook.user, hook.function, hook.required) for hook in found] == [
        ("banner", "source-app", "www-data", "", False),
        ("news", "", "root", FUNCTION, False),
    ]


def test_the_most_hooks_fit_into_the_environment_of_a_function(tmp_path: Path) -> None:
    hooks = [{**MACHINE, "name": f"hook-{number:020d}", "command": "/opt/" + "x" * 60} for number in range(MAX_HOOKS)]
    environment = build_hooks_environment(load(tmp_path, *hooks).hooks)

    assert len(environment["CUTOVER_HOOKS"]) < ENVIRONMENT_BYTES - OTHER_VARIABLES_BYTES


def test_hooks_that_do_not_fit_into_the_environment_of_a_function_are_refused(tmp_path: Path) -> None:
    hooks = [{**MACHINE, "name": f"hook-{number}", "command": "/opt/" + "x" * 190} for number in range(MAX_HOOKS)]

    with pytest.raises(SettingsError, match=r"fewer hooks or shorter commands: together they need \d+ bytes"):
        load(tmp_path, *hooks)


def test_the_other_variables_fit_beside_the_hooks() -> None:
    app = App(context={"aws:cdk:bundling-stacks": []})
    stack = Stack(app, "Stack")
    table = dynamodb.Table.from_table_name(stack, "Runs", "cutover-abcdefghij0123456789-runs")
    bucket = s3.Bucket.from_bucket_name(stack, "Evidence", "b" * 63)
    variables = build_procedure_environment(
        stack,
        settings=Settings.load(ROOT / "migration.toml"),
        runs_table=table,
        evidence=bucket,
        replica_subnet_id="subnet-0123456789abcdef0",
        replica_security_group_ids=["sg-0123456789abcdef0", "sg-0123456789abcdef1"],
        replica_instance_profile="p" * 64,
    )
    # Those that the settings add: schema, gate, time to resume, topic of the messages, queue of the provider's events.
    others = {
        "SCHEMA": 64,
        "GATE": 110,
        "RESUME_MINUTES": 4,
        "MESSAGES_TOPIC_ARN": 110,
        "PROVIDER_EVENTS_QUEUE_URL": 150,
    }
    used = sum(len(name) + len(value) for name, value in variables.items())

    assert used + sum(len(f"CUTOVER_{name}") + size for name, size in others.items()) < OTHER_VARIABLES_BYTES


def test_the_points_of_the_file_are_those_of_the_plan() -> None:
    assert get_args(PointName) == tuple(POINTS)


def test_without_hooks_the_function_has_no_variable(tmp_path: Path) -> None:
    assert build_hooks_environment(load(tmp_path).hooks) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"machine": "replica", "point": "before-test"}, "to run on source-app or source-database: at before-test the machine replica does not exist"),
        ({"machine": "target", "point": "before-test"}, "the machine target does not exist"),
        ({"machine": "replica", "point": "after-acceptance"}, "to run on source-app or source-database or target"),
        ({"machine": "target", "point": "on-rollback"}, "at on-rollback the machine target does not exist"),
        ({"machine": "database"}, "'source-app', 'source-database', 'replica' or 'target'"),
        ({"point": "before-lunch"}, "'before-test'"),
        ({"command": "banner"}, "a text of the pattern"),
        ({"command": "/opt/banner; rm -rf /"}, "a text of the pattern"),
        ({"function": FUNCTION}, "machine and command, or function alone"),
        ({"machine": None}, "machine and command, or function alone"),
        ({"command": None}, "machine and command, or function alone"),
        ({"machine": None, "command": None}, "machine and command, or function alone"),
        ({"machine": None, "command": None, "function": FUNCTION, "user": "git"}, "to have no user"),
        ({"machine": None, "command": None, "function": FUNCTION, "seconds": 46}, "to have at most 45 seconds"),
        ({"machine": None, "command": None, "function": FUNCTION.replace("us-east-1", "eu-west-1")}, "a function in us-east-1"),
        ({"machine": None, "command": None, "function": "announce"}, "the ARN of a function"),
        ({"point": "after-commit", "required": True}, "not to be required: at after-commit it cannot change how the run ends"),
        ({"point": "on-rollback", "required": True}, "not to be required"),
        ({"seconds": 0}, "greater than or equal to 1"),
        ({"seconds": 901}, "less than or equal to 900"),
        ({"name": "Banner"}, "a text of the pattern"),
        ({"point": "after-freeze", "seconds": 7}, "at most 6 seconds together, not 7: users wait"),
        ({"shell": "bash"}, "unknown key"),
    ],
)  # fmt: skip
def test_a_hook_that_cannot_be_is_refused(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    hook = {key: value for key, value in {**MACHINE, **changes}.items() if value is not None}
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, hook)
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_hooks_of_the_window_share_the_time_of_the_hold(tmp_path: Path) -> None:
    hooks = [
        {**MACHINE, "name": f"hook-{point}", "point": point, "seconds": 4}
        for point in ("after-freeze", "before-commit")
    ]
    with pytest.raises(SettingsError, match=r"at most 6 seconds together, not 8.*holds writes for 12 s"):
        load(tmp_path, *hooks)
    assert len(load(tmp_path, *hooks, more="\n[limits]\nfreeze_hold = 16\n").hooks) == 2


def test_the_hooks_of_one_point_share_its_limit(tmp_path: Path) -> None:
    hooks = [{**MACHINE, "name": name, "seconds": 600} for name in ("one", "two")]
    with pytest.raises(SettingsError, match="at most 1140 seconds together, not 1200"):
        load(tmp_path, *hooks)


def test_a_name_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="banner is used twice"):
        load(tmp_path, MACHINE, {**MACHINE, "point": "after-commit"})


def test_the_addresses_of_messages(tmp_path: Path) -> None:
    def read(value: str) -> list[str]:
        return load(tmp_path, more=f"\n[messages]\nemail = {value}\n").messages.email

    assert load(tmp_path).messages.email == []
    assert read('["operations@example.com"]') == ["operations@example.com"]
    for wrong in ('["operations"]', '["a@example.com", "A@example.com"]', '"a@example.com"'):
        with pytest.raises(SettingsError, match=r"migration.toml:\d+: messages"):
            read(wrong)
