"""One DynamoDB table in memory that really evaluates the conditions the run record is written under."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

TOKEN = re.compile(r"\s*(attribute_not_exists|attribute_exists|AND|OR|<>|<=|>=|=|<|>|\(|\)|#\w+|:\w+|[a-z_]+)")
RESERVED = frozenset({"abort", "phase", "kind", "received", "report", "site"})
"""of our attributes, those that DynamoDB may take for its own words: never written plain"""


class FakeDynamo:
    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.lose_responses = 0
        """so many writes happen, but their responses are lost"""
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        """called around each write that is asked for; what they raise is what the caller gets"""

    def get_item(self, *, TableName: str, Key: dict[str, Any], ConsistentRead: bool) -> dict[str, Any]:  # noqa: ARG002, N803
        assert ConsistentRead, "a decision is never read from a stale copy"
        item = self.items.get(Key["site"]["S"])
        return {"Item": dict(item)} if item else {}

    def update_item(self, **call: Any) -> dict[str, Any]:
        self.before()
        key = call["Key"]["site"]["S"]
        item = dict(self.items.get(key, {}))
        names, values = call.get("ExpressionAttributeNames", {}), call["ExpressionAttributeValues"]
        plain = set(
            re.findall(r"(?<![#:\w])[a-z_]+\b(?!\()", call["UpdateExpression"] + " " + call["ConditionExpression"])
        )
        assert not plain & RESERVED, f"DynamoDB refuses plain {plain & RESERVED}"
        used = set(re.findall(r":\w+", call["UpdateExpression"] + " " + call["ConditionExpression"]))
        assert used == set(values), f"DynamoDB refuses unused or missing values: {used ^ set(values)}"
        if not Condition(call["ConditionExpression"], names, values, item).holds():
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, "UpdateItem")
        sets, _, removes = call["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")
        for part in sets.split(", "):
            name, value = part.split(" = ")
            item[names.get(name, name)] = values[value]
        for name in filter(None, removes.split(", ")):
            item.pop(names.get(name, name), None)
        self.items[key] = {"site": {"S": key}, **item}
        self.after()
        if self.lose_responses:
            self.lose_responses -= 1
            raise ClientError(
                {"Error": {"Code": "InternalServerError", "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": 500}},  # type: ignore[typeddict-item]
                "UpdateItem",
            )
        return {"Attributes": dict(self.items[key])}


class Condition:
    """Recursive descent over the few words of DynamoDB's condition language that are used. An absent attribute compares false."""

    def __init__(self, text: str, names: dict[str, str], values: dict[str, Any], item: dict[str, Any]) -> None:
        self._tokens = TOKEN.findall(text)
        assert "".join(self._tokens) == re.sub(r"\s", "", text), f"not understood: {text}"
        self._names, self._values, self._item = names, values, item

    def holds(self) -> bool:
        result = self._or()
        assert not self._tokens
        return result

    def _or(self) -> bool:
        result = self._and()
        while self._tokens[:1] == ["OR"]:
            self._tokens.pop(0)
            result = self._and() or result
        return result

    def _and(self) -> bool:
        result = self._term()
        while self._tokens[:1] == ["AND"]:
            self._tokens.pop(0)
            result = self._term() and result
        return result

    def _term(self) -> bool:
        token = self._tokens.pop(0)
        if token == "(":
            result = self._or()
            assert self._tokens.pop(0) == ")"
            return result
        if token.startswith("attribute_"):
            assert self._tokens.pop(0) == "("
            name = self._tokens.pop(0)
            exists = self._names.get(name, name) in self._item
            assert self._tokens.pop(0) == ")"
            return bool(exists == (token == "attribute_exists"))
        left, operator, right = self._value(token), self._tokens.pop(0), self._value(self._tokens.pop(0))
        if left is None or right is None:
            return False
        outcomes: dict[str, bool] = {
            "=": left == right, "<>": left != right, "<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right,
        }  # fmt: skip
        return outcomes[operator]

    def _value(self, token: str) -> Any:
        typed = self._values[token] if token.startswith(":") else self._item.get(self._names.get(token, token))
        if typed is None:
            return None
        return float(typed["N"]) if "N" in typed else typed["S"]
