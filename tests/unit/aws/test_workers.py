"""The process of a Lambda function after an error of its handler, with ministack's own worker."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from ministack.core import lambda_runtime  # type: ignore[import-untyped]

from rehearsal.aws.registry.workers import keep_workers

CODE = """
import os, sys, time
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if event == "raise":
        raise ValueError("not yet")
    if event == "end":
        os._exit(3)
    if event == "sleep":
        time.sleep(60)
    return {"process": os.getpid(), "calls": calls}
"""


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A worker of a function with the code above and a timeout of a second."""
    for target, name in ((lambda_runtime.Worker, "invoke"), (lambda_runtime, "_signal"), (lambda_runtime, "_collect")):
        monkeypatch.setattr(target, name, getattr(target, name))  # restored after the test
    keep_workers()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("polls.py", CODE)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:polls"
    configuration = {"Runtime": "python3.11", "Handler": "polls.handler", "Timeout": 1, "FunctionArn": arn}
    made = lambda_runtime.Worker("polls", configuration, archive.getvalue())
    started, spawn = [], made._spawn

    def spawn_and_record() -> None:
        spawn()
        started.append((made._proc, made._stderr_thread))

    made._spawn = spawn_and_record
    yield made
    made.kill()
    for process, reader in started:  # ministack leaves the pipes to the garbage collector, which warns in another test
        reader.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(BrokenPipeError):
                pipe.close()


def invoke(worker: Any, event: str) -> Any:
    return worker.invoke(event, "request")


def test_the_process_of_a_handler_that_raised_an_error_is_kept(worker: Any) -> None:
    first = invoke(worker, "")["result"]
    failed = invoke(worker, "raise")
    assert (failed["status"], failed["error"]) == ("error", "not yet")
    assert invoke(worker, "")["result"] == {"process": first["process"], "calls": 3}


@pytest.mark.parametrize("event", ["end", "sleep"])
def test_a_process_that_ended_or_took_too_long_is_replaced(worker: Any, event: str) -> None:
    invoke(worker, "")
    process = worker._proc
    assert invoke(worker, event)["status"] == "error"
    assert process.poll() is not None
    assert invoke(worker, "")["result"]["calls"] == 1


def test_a_worker_that_is_killed_has_no_process(worker: Any) -> None:
    invoke(worker, "raise")
    process = worker._proc
    worker.kill()
    assert process.poll() is not None
