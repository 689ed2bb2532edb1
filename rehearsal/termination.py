"""Learn of the signal that ends this process, whichever thread the kernel gives it to.

Python runs signal handlers in the main thread only. If the kernel gives the signal to another thread, which happens to threads that start
programs, a main thread that waits for a lock goes on sleeping. The file descriptor of `signal.set_wakeup_fd` is written in any thread.
"""

from __future__ import annotations

import signal
import socket
import threading
import time
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
AGAIN_SECONDS = 1.0
"""after which a further signal interrupts the clean-up too. One signal may arrive twice within it: from outside, and forwarded"""
FORWARD_SECONDS = 0.1
"""which the main thread has to take a signal by itself"""


def make_stop_event() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets. Call it in the main thread, once."""
    stop = threading.Event()
    reader = _open_wakeup()
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        while reader.recv(1)[0] not in SIGNALS:
            pass
        stop.set()

    threading.Thread(target=wait, name="termination", daemon=True).start()
    return stop


def interrupt_main_thread() -> None:
    """Let SIGTERM and SIGINT raise KeyboardInterrupt in the main thread, also while it waits for a lock. Call it in the main thread, once."""
    reader, main = _open_wakeup(), threading.main_thread().ident
    assert main is not None
    taken = threading.Event()
    last_taken = -AGAIN_SECONDS

    def is_taken() -> bool:
        return time.monotonic() - last_taken < AGAIN_SECONDS

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal last_taken
        if not is_taken():
            last_taken = time.monotonic()
            taken.set()
            raise KeyboardInterrupt

    def forward() -> None:
        while True:
            number = reader.recv(1)[0]
            taken.clear()
            while number in SIGNALS and not is_taken() and not taken.wait(FORWARD_SECONDS):
                signal.pthread_kill(main, number)

    for number in SIGNALS:
        signal.signal(number, interrupt)
    threading.Thread(target=forward, name="termination", daemon=True).start()


def _open_wakeup() -> socket.socket:
    """Return a socket from which the number of each signal can be read."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    # The signal handling of Python keeps the number alone. No object may own it, because it would close it at the end of the process at the latest.
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    return reader
