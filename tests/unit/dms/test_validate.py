"""The validation state of rows for which a server returned no digest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.dms.engine.compare import UNREADABLE, Digests, Key, Side
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.records import Records, TableRecord
from rehearsal.dms.engine.validate import Validator
from tests.waiting import wait_until

NAME = ("site", "t")
SETTINGS = {"ValidationSettings": {"SkipLobColumns": False, "ValidationPartialLobSize": 0, "FailureMaxCount": 10}}


class OneSide:
    """The digests of the rows of one server."""

    def __init__(self, digests: Digests) -> None:
        self._digests = digests

    def read_chunk(self, *_: Any, **__: Any) -> Digests:
        return self._digests

    def read_rows(self, _: Any, keys: list[Key]) -> Digests:
        return {key: self._digests[key] for key in keys if key in self._digests}

    read_logged_rows = read_rows


@pytest.mark.parametrize("side", [0, 1])
def test_a_row_without_a_digest_is_suspended_and_not_failed(side: int) -> None:
    ends: list[Digests] = [{(1,): "a", (2,): "b"}, {(1,): "a", (2,): "b"}]
    ends[side][(2,)] = UNREADABLE
    progress = Progress()
    progress.add(TableRecord(NAME, "Table completed"))
    job = cast("Job", SimpleNamespace(settings=SETTINGS))
    validator = Validator(job, progress, cast("Records", None), lambda: None)
    validator._sides.keep(NAME, cast("tuple[Side, Side]", (OneSide(ends[0]), OneSide(ends[1]))))

    validator.start()
    found = wait_until(
        lambda: (v := progress.snapshot()["tables"][0]["validation"]).get("state") == "Suspended records" and v
    )
    validator.finish(5)

    assert (found["suspended"], found["failed"], found["pending"]) == (1, 0, 0)
