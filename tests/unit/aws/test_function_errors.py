"""The class of a function's error, parsed from the log of its runtime."""

import pytest

from rehearsal.aws.function_errors import parse_error_class

PYTHON = """[INFO] something: else
Traceback (most recent call last):
  File "handler.py", line 3, in handler
    raise Inner('{"a": 1}')
handler.Inner: {"a": 1}

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "handler.py", line 5, in handler
common.errors.RetryableCommandError: {"phase": "x"}
"""


@pytest.mark.parametrize(
    ("message", "log", "name"),
    [
        ('{"phase": "x"}', PYTHON, "RetryableCommandError"),
        ('{"a": 1}', PYTHON, "Inner"),
        ("no", "Error: no\n    at handler (index.js:1:2)\n", "Error"),
        ("", "Traceback (most recent call last):\n  File x\nKeyError\n", "KeyError"),
        ("two\nlines", "Traceback:\nValueError: two\nlines\n", "ValueError"),
        ("gone", "", ""),
    ],
)
def test_the_error_class_is_taken_from_the_last_traceback(message: str, log: str, name: str) -> None:
    assert parse_error_class(message, log) == name
