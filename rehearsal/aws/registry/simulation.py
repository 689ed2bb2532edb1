"""Simulate policies for all resources and with the context of a request; ministack 1.5.33 reads the first resource, and no context.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator  # type: ignore[import-untyped]
from ministack.services import iam  # type: ignore[import-untyped]

from rehearsal.settings import REGION

_DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny"}


@dataclass(frozen=True)
class _Question:
    resources: Sequence[str]
    context: Mapping[str, Any]


class Simulation:
    """The part of the registry for simulated policies."""

    def simulate_with_context(self) -> None:
        """Put the whole question in the place of the part that ministack reads."""
        iam._extract_simulate_params = _read
        iam._build_simulate_results_real = _format_results


def _read(parameters: Mapping[str, Any]) -> tuple[list[str], _Question]:
    actions = list(_list_members(parameters, "ActionNames"))
    context: dict[str, Any] = {}
    number = 1
    while key := iam._p(parameters, f"ContextEntries.member.{number}.ContextKeyName"):
        prefix = f"ContextEntries.member.{number}"
        values = list(_list_members(parameters, f"{prefix}.ContextKeyValues"))
        several = str(iam._p(parameters, f"{prefix}.ContextKeyType") or "").endswith("List")
        context[key.lower()] = values if several else next(iter(values), "")
        number += 1
    return actions, _Question(list(_list_members(parameters, "ResourceArns")) or ["*"], context)


def _list_members(parameters: Mapping[str, Any], name: str) -> Iterator[str]:
    number = 1
    while value := iam._p(parameters, f"{name}.member.{number}"):
        yield str(value)
        number += 1


def _format_results(actions: Sequence[str], question: _Question, principal: str, account: str, policies: Any) -> str:
    return "".join(
        f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{_evaluate_policies(action, resource, question.context, principal, account, policies)}</EvalDecision>"
        "<MatchedStatements></MatchedStatements><MissingContextValues></MissingContextValues></member>"
        for action in actions
        for resource in question.resources
    )


def _evaluate_policies(
    action: str, resource: str, context: Mapping[str, Any], principal: str, account: str, policies: Any
) -> str:
    if not policies:
        return "implicitDeny"
    asked = iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="User",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=REGION,
        source_ip="127.0.0.1",
        secure_transport=True,
        service_context=dict(context),
    )
    return _DECISIONS.get(iam_evaluator.evaluate(asked, policies).decision, "implicitDeny")
