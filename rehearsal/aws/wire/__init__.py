"""Speak AWS protocols by botocore's own service models: requests become keyword arguments, responses are checked."""

from rehearsal.aws.wire.arguments import arguments_of
from rehearsal.aws.wire.models import Service, service
from rehearsal.aws.wire.requests import coerce, parse
from rehearsal.aws.wire.responses import Response, failure, render, success
from rehearsal.aws.wire.sent import Sent, name_of, protocol_of

__all__ = [
    "Response",
    "Sent",
    "Service",
    "arguments_of",
    "coerce",
    "failure",
    "name_of",
    "parse",
    "protocol_of",
    "render",
    "service",
    "success",
]
