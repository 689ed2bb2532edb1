"""The decision of a run: made once, by a conditional write, by the procedure (commit) or by the dead man's switch (thaw)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COMMIT = "commit"
THAW = "thaw"


class Unreachable(Exception):
    """The run record cannot be read or written: nobody knows what was decided."""


@dataclass(frozen=True)
class Decision:
    """What the record says. `run_id` is the run that the record is about; `decision` is empty while there is none."""

    run_id: str
    decision: str


class RunRecord:
    def __init__(self, client: DynamoDBClient, table: str, site: str) -> None:
        self._client = client
        self._table = table
        self._site = site

    def read(self) -> Decision:
        """Strongly consistent. Raises Unreachable."""
        try:
            item = self._client.get_item(
                TableName=self._table, Key={"site": {"S": self._site}}, ConsistentRead=True
            ).get("Item", {})
        except (BotoCoreError, ClientError) as error:
            raise Unreachable(f"table {self._table}: {error}") from error
        return Decision(run_id=item.get("run_id", {}).get("S", ""), decision=item.get("decision", {}).get("S", ""))

    def decide_thaw(self, run_id: str) -> Decision:
        """Decides for `thaw` unless something is decided already; the decision that stands. Raises Unreachable."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"site": {"S": self._site}},
                UpdateExpression="SET decision = :thaw",
                ConditionExpression="run_id = :run AND attribute_not_exists(decision)",
                ExpressionAttributeValues={":thaw": {"S": THAW}, ":run": {"S": run_id}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return self.read()
            raise Unreachable(f"table {self._table}: {error}") from error
        except BotoCoreError as error:
            raise Unreachable(f"table {self._table}: {error}") from error
        return Decision(run_id=run_id, decision=THAW)
