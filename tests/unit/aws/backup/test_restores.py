"""A restore brings the files of the recovery point into a new folder, and overwrites nothing."""

from __future__ import annotations

import json
import re

import pytest

from rehearsal.aws.exceptions import ApiError
from tests.unit.aws.backup.conftest import BACKUP_ROLE, FILES, METADATA, RESTORE_ROLE, STRANGER, Backup

PLACE = re.compile(r"aws-backup-restore_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z")


def test_a_restore_into_the_same_file_system_makes_a_folder_in_its_root(backup: Backup) -> None:
    # Given a backup, and a file that changed since then
    done = backup.back_up()
    assert (done["State"], done["PercentDone"], done["ResourceArn"]) == ("COMPLETED", "100.00", FILES)
    root = backup.files.folder / "fs-1"
    (root / "live/file").write_text("second")
    # When it is restored
    restored = backup.restore(done["RecoveryPointArn"])
    # Then the old file is in a new folder, and the new file stays
    assert (restored["Status"], restored["CreatedResourceArn"]) == ("COMPLETED", FILES)
    (place,) = [one for one in root.iterdir() if PLACE.fullmatch(one.name)]
    assert (place / "live/file").read_text() == "first"
    assert (place / "scratch").is_dir()
    assert (root / "live/file").read_text() == "second"


def test_a_restore_of_items_keeps_their_paths(backup: Backup) -> None:
    point = backup.back_up()["RecoveryPointArn"]
    assert backup.restore(point, ItemsToRestore=json.dumps(["/live"]))["Status"] == "COMPLETED"
    (place,) = (backup.files.folder / "fs-1").glob("aws-backup-restore_*")
    assert (place / "live/file").read_text() == "first"
    assert not (place / "scratch").exists()


def test_a_restore_into_a_new_file_system_makes_the_folder_there_too(backup: Backup) -> None:
    restored = backup.restore(backup.back_up()["RecoveryPointArn"], newFileSystem="true")
    assert restored["CreatedResourceArn"].endswith("/fs-2")
    (place,) = (backup.files.folder / "fs-2").iterdir()
    assert PLACE.fullmatch(place.name)


@pytest.mark.parametrize(
    "change", [{"newFileSystem": None}, {"Size": "1"}, {"ItemsToRestore": '["live"]'}, {"ItemsToRestore": "/live"}]
)
def test_wrong_metadata_are_refused(backup: Backup, change: dict[str, str | None]) -> None:
    point = backup.back_up()["RecoveryPointArn"]
    metadata = {key: value for key, value in {**METADATA, **change}.items() if value is not None}
    with pytest.raises(ApiError) as refused:
        backup.api.start_restore(point, metadata, RESTORE_ROLE)
    assert refused.value.code == "InvalidParameterValueException"


def test_a_role_that_aws_backup_cannot_assume_is_refused(backup: Backup) -> None:
    point = backup.back_up()["RecoveryPointArn"]
    with pytest.raises(ApiError, match="cannot be assumed"):
        backup.back_up(role=STRANGER)
    with pytest.raises(ApiError, match="cannot be assumed"):
        backup.restore(point, STRANGER)


def test_a_job_with_a_role_without_the_right_fails(backup: Backup) -> None:
    failed = backup.back_up(role=RESTORE_ROLE)
    assert (failed["State"], failed["StatusMessage"]) == ("FAILED", "Insufficient privileges to perform this action.")
    assert backup.api.list_points("own")["RecoveryPoints"] == []
    assert backup.restore(backup.back_up()["RecoveryPointArn"], BACKUP_ROLE)["Status"] == "FAILED"
    assert list((backup.files.folder / "fs-1").glob("aws-backup-*")) == []
