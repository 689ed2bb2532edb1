"""Keep the process of a Lambda function that raised an error, as Lambda keeps its execution environment.

ministack 1.5.33 ends it, so the next invocation is a cold start. CDK's Provider framework raises an error for each poll of an
unfinished resource, so each poll would start a Node.js process.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]

Process = subprocess.Popen[str]
RAISED_BY_HANDLER = "trace"
"""the key of a result that only an error of the handler has: not the end of the process, nor a timeout"""


class _Ending(threading.local):
    """What an invocation on this thread would end."""

    def __init__(self) -> None:
        self.is_invoking = False
        self.process: Process | None = None


def keep_workers(runtime: Any = lambda_runtime) -> None:
    """Make ministack keep a process whose handler raised an error."""
    ending = _Ending()
    invoke: Callable[..., Mapping[str, Any]] = runtime.Worker.invoke
    end: Callable[[Process | None], None] = runtime._signal
    wait: Callable[[Process | None, float], None] = runtime._collect

    def end_later(process: Process | None) -> None:
        if ending.is_invoking:
            ending.process = process
        else:
            end(process)

    def wait_later(process: Process | None, deadline: float) -> None:
        if not ending.is_invoking:
            wait(process, deadline)

    def invoke_and_keep(worker: Any, *arguments: Any, **named: Any) -> Mapping[str, Any]:
        ending.is_invoking, ending.process = True, None
        try:
            result = invoke(worker, *arguments, **named)
        finally:
            ending.is_invoking = False
        process = ending.process
        if process is None:
            return result
        if RAISED_BY_HANDLER in result and process.poll() is None:
            worker._proc = process
        else:
            end(process)
            wait(process, time.monotonic() + runtime._REAP_GRACE)
        return result

    runtime.Worker.invoke, runtime._signal, runtime._collect = invoke_and_keep, end_later, wait_later
