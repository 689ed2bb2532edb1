"""The decision of a run. One conditional write makes it: of the procedure (`commit`) or of the dead man's switch (`thaw`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from cutover_site.aws.milestone_names import HELD

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COMMIT = "commit"
THAW = "thaw"


class RunRecordUnreachable(Exception):
    """The run record cannot be read or written, so the decision is not known."""


@dataclass(frozen=True)
class Decision:
    """The part of the run record that a machine reads: the run that it is about, and the decision; empty while there is none."""

    run_id: str
    decision: str
    milestone: str = ""
    """the last milestone that the run has reached (milestones.py); empty before the first"""


class RunRecord:
    """The item of one site in the table of runs."""

    def __init__(self, client: DynamoDBClient, table: str, site: str) -> None:
        self._client = client
        self._table = table
        self._site = site

    def read(self) -> Decision:
        """Return the current decision, by a strongly consistent read. Raises RunRecordUnreachable."""
        try:
            item = self._client.get_item(
                TableName=self._table, Key={"site": {"S": self._site}}, ConsistentRead=True
            ).get("Item", {})
        except (BotoCoreError, ClientError) as error:
            raise RunRecordUnreachable(f"table {self._table}: {error}") from error
        run_id, decision, milestone = (item.get(key, {}).get("S", "") for key in ("run_id", "decision", "milestone"))
        return Decision(run_id, decision, milestone)

    def report_held(self, run_id: str) -> bool:
        """Write that the run has reached its first milestone: writes are held. Return whether the record has it now.

        False when the run is decided or over, or when a later milestone is reached. Raises RunRecordUnreachable.
        """
        return self._update(
            "SET milestone = :held",
            "run_id = :run AND attribute_not_exists(decision) AND (attribute_not_exists(milestone) OR milestone = :held)",
            {":held": HELD, ":run": run_id},
        )

    def decide_thaw(self, run_id: str) -> Decision:
        """Decide for `thaw` unless there is a decision. Return the decision that is in force afterwards. Raises RunRecordUnreachable."""
        condition = "run_id = :run AND attribute_not_exists(decision)"
        if self._update("SET decision = :thaw", condition, {":thaw": THAW, ":run": run_id}):
            return Decision(run_id=run_id, decision=THAW)
        return self.read()

    def _update(self, update: str, condition: str, values: Mapping[str, str]) -> bool:
        """Update the item if the condition holds, and return whether it held. Raises RunRecordUnreachable."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"site": {"S": self._site}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise RunRecordUnreachable(f"table {self._table}: {error}") from error
        except BotoCoreError as error:
            raise RunRecordUnreachable(f"table {self._table}: {error}") from error
        return True
