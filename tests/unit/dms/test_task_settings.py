import json
from typing import Any

import pytest
from replication.task_settings import build_task_settings

from rehearsal.dms.engine.lobs import Lobs
from rehearsal.dms.engine.tables import Column, Table
from rehearsal.dms.task_settings import BadSettings, Unsupported, complete


def test_the_defaults_are_those_of_dms() -> None:
    found = complete(None)
    assert found["FullLoadSettings"]["TargetTablePrepMode"] == "DROP_AND_CREATE"
    assert found["TargetMetadata"]["LimitedSizeLobMode"]
    assert found["TargetMetadata"]["LobMaxSize"] == 32
    assert not found["ValidationSettings"]["EnableValidation"]


def test_the_settings_of_the_product_are_accepted() -> None:
    found = complete(build_task_settings())
    assert found["TargetMetadata"]["FullLobMode"]
    assert not found["TargetMetadata"]["LimitedSizeLobMode"]
    assert found["ErrorBehavior"]["TableErrorPolicy"] == "STOP_TASK"


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "[]",
        '{"What": {}}',
        '{"FullLoadSettings": {"What": 1}}',
        '{"FullLoadSettings": {"TargetTablePrepMode": "MAYBE"}}',
    ],
)
def test_invalid_settings_are_rejected(given: str) -> None:
    with pytest.raises(BadSettings):
        complete(given)


@pytest.mark.parametrize(
    "given",
    [
        {"TargetMetadata": {"BatchApplyEnabled": True}},
        {"ValidationSettings": {"ValidationOnly": True}},
        {"TTSettings": {"a": 1}},
    ],
)
def test_a_setting_that_is_not_emulated_is_rejected(given: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        complete(json.dumps(given))


TABLE = Table("s", "t", tuple(Column(n, k, k, c, nullable=True, octets=None) for n, k, c in [
    ("id", "int", None), ("name", "varchar", "utf8mb4"), ("body", "longtext", "utf8mb4"), ("raw", "blob", None)]), ("id",))  # fmt: skip


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"LobMaxSize": 1}, [1, "n" * 3000, "ü" * 512, b"x" * 1024]),
        ({"FullLobMode": True, "LimitedSizeLobMode": False}, [1, "n" * 3000, "ü" * 3000, b"x" * 3000]),
        ({"SupportLobs": False}, [1, "n" * 3000, None, None]),
    ],
)
def test_the_lob_mode_limits_or_omits_lobs(metadata: dict[str, Any], expected: list[Any]) -> None:
    lobs = Lobs(complete(json.dumps({"TargetMetadata": metadata})))
    assert lobs.convert_row(TABLE, [1, "n" * 3000, "ü" * 3000, b"x" * 3000]) == expected


def test_a_limited_lob_ends_at_a_whole_character() -> None:
    lobs = Lobs(complete(json.dumps({"TargetMetadata": {"LobMaxSize": 1}})))
    assert lobs.convert_row(TABLE, [1, None, "x" + "😀" * 1000, None])[2] == "x" + "😀" * 255
