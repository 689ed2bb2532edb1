"""AWS protocols spoken by botocore's own service models: requests become keyword arguments, answers are checked."""

from rehearsal.aws.wire.answers import Answer, failure, render, success
from rehearsal.aws.wire.model import Service, service
from rehearsal.aws.wire.requests import action_of, coerce, parse
from rehearsal.aws.wire.sent import Sent, name_of, protocol_of

__all__ = [
    "Answer",
    "Sent",
    "Service",
    "action_of",
    "coerce",
    "failure",
    "name_of",
    "parse",
    "protocol_of",
    "render",
    "service",
    "success",
]
