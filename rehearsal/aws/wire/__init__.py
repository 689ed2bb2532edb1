"""AWS protocols spoken by botocore's own service models: requests become keyword arguments, answers are checked."""

from rehearsal.aws.wire.answers import Answer, failure, render, success
from rehearsal.aws.wire.model import Service, service
from rehearsal.aws.wire.requests import action_of, coerce, parse

__all__ = ["Answer", "Service", "action_of", "coerce", "failure", "parse", "render", "service", "success"]
