"""Read and write the DynamoDB item of one site, with a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from boto3.dynamodb.conditions import ConditionBase, ConditionExpressionBuilder
from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.run_record import Attributes, Record, RunFacts, get_stored_name, parse_record, serialize
from common.clock import Clock, SystemClock
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

R = TypeVar("R", bound="RunItem")


class RunItem:
    """The item that holds the run record of one site."""

    def __init__(self, dynamodb: DynamoDBClient, table: str, site: str, *, clock: Clock | None = None) -> None:
        self._dynamodb, self._table, self._site = dynamodb, table, site
        self._clock = clock or SystemClock()

    def create_sibling(self, kind: type[R], name: str) -> R:
        """Return the client of another item of the same table, in which a dry run keeps its record."""
        return kind(self._dynamodb, self._table, f"{self._site}#{name}", clock=self._clock)

    def read(self) -> Record:
        """Return the record as it is now (a consistent read)."""
        with translate_aws_errors("dynamodb:GetItem"):
            response = self._dynamodb.get_item(
                TableName=self._table, Key={"site": {"S": self._site}}, ConsistentRead=True
            )
        return parse_record(response.get("Item", {}))

    def _write(
        self, values: Attributes | RunFacts, condition: ConditionBase, *, remove: tuple[str, ...] = ()
    ) -> Record | None:
        """Write the values. Return the record after the write, None when the condition did not hold."""
        # Placeholders for all attribute names: `abort` and others are reserved words of DynamoDB.
        update = f"SET {', '.join(f'#{key} = :v_{key}' for key in values)}"
        update += f" REMOVE {', '.join(f'#{key}' for key in remove)}" if remove else ""
        built = ConditionExpressionBuilder().build_expression(condition)
        names = {f"#{key}": get_stored_name(key) for key in (*values, *remove)}
        given = {**{f":v_{key}": value for key, value in values.items()}, **built.attribute_value_placeholders}
        try:
            with translate_aws_errors("dynamodb:UpdateItem"):
                response = self._dynamodb.update_item(
                    TableName=self._table,
                    Key={"site": {"S": self._site}},
                    UpdateExpression=update,
                    ConditionExpression=built.condition_expression,
                    ExpressionAttributeNames={**names, **built.attribute_name_placeholders},
                    ExpressionAttributeValues={key: serialize(value) for key, value in given.items()},
                    ReturnValues="ALL_NEW",
                )
        except StepFailed as failed:
            cause = failed.__cause__
            if isinstance(cause, ClientError) and get_error_code(cause) == "ConditionalCheckFailedException":
                return None
            raise
        return parse_record(response.get("Attributes", {}))
