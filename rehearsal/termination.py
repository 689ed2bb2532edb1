"""Learn of the signal that ends this process, whichever thread the kernel gives it to.

Python runs signal handlers in the main thread only. If the kernel gives the signal to another thread, which happens to threads that start
programs, a main thread that waits for a lock goes on sleeping. The file descriptor of `signal.set_wakeup_fd` is written in any thread.
"""

from __future__ import annotations

import signal
import socket
import threading

SIGNALS = (signal.SIGTERM, signal.SIGINT)
_keep_open: list[socket.socket] = []
"""the ends that signals are written to: Python knows only their numbers"""


def make_stop_event() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets. Call it in the main thread, once."""
    stop = threading.Event()
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    _keep_open.append(writer)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)

    def wait() -> None:
        while reader.recv(1)[0] not in SIGNALS:
            pass
        stop.set()

    threading.Thread(target=wait, name="termination", daemon=True).start()
    return stop
