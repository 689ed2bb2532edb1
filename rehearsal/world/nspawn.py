"""One booted system: the systemd-nspawn process, what it notifies, and its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from rehearsal.settings import MARK, Settings
from rehearsal.world import cgroups
from rehearsal.world.namespaces import FOLDER

EFS_INSIDE = "/run/rehearsal/efs"
"""Where the shared folders of all file systems are in every machine; only the NFS client looks there."""
FIRMWARE = Path("/sys/class/dmi")
PROPAGATE = Path("/run/systemd/nspawn/propagate")
"""systemd-nspawn makes a folder here for each machine."""
_REBOOT = 133
"""systemd-nspawn's exit code (EXIT_FORCE_RESTART) when the machine requests a restart."""


class Nspawn:
    """A machine, from construction until `ended`.

    What `wait` may wait for:

    leader  process id of the machine's init; a reboot from inside brings a new one; None before and after
    ready   its systemd has reported READY since it was started last
    boots   how often it has reported READY
    ended   the machine is gone
    """

    def __init__(self, settings: Settings, machine: str, root: Path, changed: Callable[[Nspawn], None]) -> None:
        """Start the machine. `changed` is called on the machine's own thread at each event, the end is the last one."""
        self.leader: int | None = None
        self._leader_handle = -1
        """pidfd of the leader: systemd-nspawn collects the leader, and the number may be another process's before `ended`"""
        self.ready = self.ended = self._ending = False
        self.boots = 0
        self._machine, self._changed = machine, changed
        self._condition = threading.Condition()
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        address = f"cutover-{settings.port}-{os.getpid()}-{machine}"  # abstract: leaves no file, has no short limit
        self._notify.bind(f"\0{address}")
        self._log = settings.logs / "machines" / f"{machine}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._settings, self._command = settings, _command(settings, machine, root)
        self._environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": f"@{address}", MARK: settings.mark}
        try:
            self._process = self._spawn()
        except BaseException:
            self._notify.close()
            raise
        threading.Thread(target=self._run, name=f"machine-{machine}", daemon=True).start()

    def wait(self, reached: Callable[[], bool], timeout: float | None = None) -> bool:
        """Return True as soon as `reached` holds or the machine has ended, False after `timeout` seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: self.ended or reached(), timeout)

    def request_power_off(self) -> None:
        """Ask for an orderly end (systemd's halt.target)."""
        self._ending = True
        self._signal_nspawn(signal.SIGTERM)

    def restart(self) -> None:
        """Ask for an orderly restart (systemd's SIGRTMIN+5: reboot.target)."""
        self._signal_leader(signal.SIGRTMIN + 5)

    def cut_power(self) -> None:
        """End every process of the machine at once; returns when it has ended."""
        self._ending = True
        self._signal_leader(signal.SIGKILL)
        if not self.wait(lambda: False, 5):
            self._signal_nspawn(signal.SIGKILL)
            self.wait(lambda: False)

    def _signal_nspawn(self, number: int) -> None:
        with self._condition:  # `_run` collects this child, which frees its number, only with the lock
            if not self.ended:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._process.pid, number)

    def _signal_leader(self, number: int) -> None:
        with self._condition:
            if self.leader is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._leader_handle, number)

    def _set_leader(self, process: int | None) -> None:
        """Set the leader and its handle; None also when the process has ended already. Requires the lock."""
        if self.leader is not None:
            os.close(self._leader_handle)
        self.leader, self.ready = None, False
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._leader_handle = os.pidfd_open(process)
                self.leader = process

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            return subprocess.Popen(
                cgroups.wrap_command(self._settings, self._machine, self._command),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _run(self) -> None:
        """Follow the machine from boot to boot until it ends for good."""
        while True:
            self._listen()
            with self._condition:
                self._set_leader(None)
                if self._process.wait() == _REBOOT and not self._ending:
                    self._process = self._spawn()
                    continue
                self.ended = True
                self._condition.notify_all()
                break
        self._notify.close()
        cgroups.remove(self._settings, self._machine)
        # systemd-nspawn itself removes this only where /run is a tmpfs.
        with contextlib.suppress(OSError):
            (PROPAGATE / self._machine).rmdir()
        self._changed(self)

    def _listen(self) -> None:
        """Receive all notifications of the process until it has ended."""
        end = os.pidfd_open(self._process.pid)
        with selectors.DefaultSelector() as selector:
            selector.register(self._notify, selectors.EVENT_READ)
            selector.register(end, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._notify in ready:
                    self._handle_message(self._notify.recv(4096).decode(errors="replace"))
                elif end in ready:  # and every message that came before the end has been read
                    break
        os.close(end)

    def _handle_message(self, message: str) -> None:
        fields = dict(line.partition("=")[::2] for line in message.splitlines())
        with self._condition:
            if "X_NSPAWN_LEADER_PID" in fields:
                self._set_leader(int(fields["X_NSPAWN_LEADER_PID"]))
            if fields.get("READY") == "1":
                self.ready = True
                self.boots += 1
            self._condition.notify_all()
        self._changed(self)


def hide_firmware(folder: Path) -> list[str]:
    """Return the options that hide the DMI data of the host, if it has any: they would identify every machine as the same one."""
    return [f"--tmpfs={folder}"] if folder.is_dir() else []


def _command(settings: Settings, machine: str, root: Path) -> list[str]:
    return [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        "--register=no",
        "--keep-unit",
        "--notify-ready=yes",
        f"--directory={root}",
        f"--machine={machine}",
        f"--network-namespace-path={FOLDER / settings.name_namespace(machine)}",
        f"--bind={settings.pool / 'efs'}:{EFS_INSIDE}",
        *hide_firmware(FIRMWARE),
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--console=read-only",
    ]
