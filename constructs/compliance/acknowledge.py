"""Acknowledging a finding."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    """`finding` on `construct` and below. cdk-nag accepts an empty reason in silence; this does not (ValueError)."""
    if len(reason.split()) < 4:
        raise ValueError(f"{construct.node.path}: {finding} needs a reason that a reviewer can judge")
    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))
