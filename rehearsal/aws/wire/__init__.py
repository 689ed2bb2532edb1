"""Speak AWS protocols by botocore's own service models: requests become keyword arguments, responses are checked."""

from rehearsal.aws.wire.arguments import parse_arguments
from rehearsal.aws.wire.models import Service, load_service
from rehearsal.aws.wire.requests import coerce, parse
from rehearsal.aws.wire.responses import Response, render, serialize_failure, serialize_success
from rehearsal.aws.wire.sent import Sent, detect_protocol, find_operation_name

__all__ = [
    "Response",
    "Sent",
    "Service",
    "coerce",
    "detect_protocol",
    "find_operation_name",
    "load_service",
    "parse",
    "parse_arguments",
    "render",
    "serialize_failure",
    "serialize_success",
]
