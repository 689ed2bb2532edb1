"""The output of `python -m operate`: the status of a site, and errors of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from common.clients.aws import translate_aws_errors
from common.clients.run_record import Record
from common.errors import CutoverError

from operate.formatting import format_error, format_status

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

NOW = 1_800_000_000.0
HELD = Record(run_id="m1-c-1", kind="cutover", phase="drain", started=NOW - 60, lock_expires=NOW + 900)
RECORDS = {
    "no run": Record(),
    "before the freeze": HELD,
    "frozen": Record(**{**vars(HELD), "lease_expires": NOW + 600}),
    "asked to stop": Record(**{**vars(HELD), "abort": "stopped by the operator"}),
    "rolled back": Record(run_id="m1-c-1", kind="cutover", phase="conclude", started=NOW - 60, decision="rollback", decided_at=NOW - 9),
    "open again": Record(run_id="m1-c-1", kind="cutover", phase="conclude", started=NOW - 60, decision="thaw", decided_at=NOW - 9, lease_expires=NOW + 1),
    "left alone": Record(run_id="m1-c-1", kind="cutover", phase="drain", started=NOW - 60, lock_expires=NOW - 70, lease_expires=NOW - 61),
    "committed": Record(run_id="m1-c-1", kind="cutover", phase="point-name", started=NOW - 60, decision="commit", decided_at=NOW - 9, lease_expires=NOW + 600),
}  # fmt: skip
AWS_ERRORS: tuple[Exception, ...] = (
    ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "The security token is expired"}}, "GetItem"),
    ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}, "GetItem"),
    NoCredentialsError(),
    EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
    ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "GetItem"),
    ClientError({"Error": {"Code": "ValidationException", "Message": "the key does not match"}}, "GetItem"),
)


def test_status(golden: SnapshotAssertion) -> None:
    lines = []
    for name, record in RECORDS.items():
        lines += [name, *(f"    {line}" for line in format_status("gogs", record, "RUNNING", NOW))]

    assert "\n".join(lines) == golden


def test_what_aws_refuses(golden: SnapshotAssertion) -> None:
    assert "\n".join(format_error(convert_error(error)) for error in AWS_ERRORS) == golden


def convert_error(error: Exception) -> CutoverError:
    with pytest.raises(CutoverError) as raised, translate_aws_errors("dynamodb:GetItem"):
        raise error
    return raised.value
