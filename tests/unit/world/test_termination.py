"""A process that starts programs on other threads stops at the first SIGTERM, whichever of its threads gets it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import signal, sys, threading
from rehearsal.termination import make_stop_event
stop = make_stop_event()
worker = threading.Thread(target=stop.wait)
worker.start()
thread = {"worker": worker, "main": threading.main_thread()}[sys.argv[1]]
threading.Timer(0.2, lambda: signal.pthread_kill(thread.ident, signal.SIGTERM)).start()
worker.join()
print("stopped")
"""


@pytest.mark.parametrize("thread", ["main", "worker"])
def test_the_signal_is_seen_in_every_thread(thread: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, thread], capture_output=True, text=True, timeout=20, check=False
    )

    assert (done.stdout, done.returncode) == ("stopped\n", 0), done.stderr


INTERRUPTED = """
import signal, sys, threading
from rehearsal.termination import interrupt_main_thread
interrupt_main_thread()
never = threading.Event()
worker = threading.Thread(target=never.wait, daemon=True)
worker.start()
number = signal.Signals[sys.argv[2]]
thread = {"worker": worker, "main": threading.main_thread()}[sys.argv[1]]
threading.Timer(0.2, lambda: signal.pthread_kill(thread.ident, number)).start()
try:
    worker.join()
except KeyboardInterrupt:
    # a signal that arrives twice does not interrupt the clean-up
    never.wait(0.5)
    print("cleaned up")
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("thread", ["main", "worker"])
def test_the_main_thread_is_interrupted_once_whichever_thread_gets_the_signal(thread: str, number: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, thread, number], capture_output=True, text=True, timeout=20, check=False
    )

    assert (done.stdout, done.returncode) == ("cleaned up\n", 0), done.stderr
