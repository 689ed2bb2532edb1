"""Run the commands of AWS-RunShellScript as root, as the SSM agent does: in its own process group, without a login."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import threading
import uuid

from rehearsal.aws.ssm.models import TERMINAL, Command, Invocation, Status, now
from rehearsal.aws.ssm.nodes import ManagedNodes
from rehearsal.errors import MachineError
from rehearsal.settings import Settings
from rehearsal.world import enter

# The agent writes the commands into a file and runs that with sh, so a first line with #! counts. Few programs, because
# users wait for some commands. Arguments: the file, the working directory.
_SCRIPT = """set -C
umask 077
if [ -e /etc/environment ]; then
    while IFS= read -r line; do case $line in [A-Za-z_]*=*) export "$line" ;; esac; done </etc/environment
fi
cat >"$1" || exit 1
trap 'rm -f "$1"' EXIT
cd "$2" || exit 1
IFS= read -r line <"$1"
case $line in
'#!'*) chmod 700 "$1" && "$1" </dev/null ;;
*) sh "$1" </dev/null ;;
esac
"""
_ENVIRONMENT = {
    "HOME": "/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/bash",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
REST_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Runner:
    """Runs invocations, each on a thread of its own. `changed` is notified when one ends."""

    def __init__(self, settings: Settings, nodes: ManagedNodes) -> None:
        self._settings, self._nodes = settings, nodes
        self.changed = threading.Condition()
        self._processes: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        """of the invocations that run, by command and instance"""

    def begin(self, command: Command, instance_id: str) -> None:
        """Start a command on one machine; return at once."""
        invocation = command.invocations[instance_id] = Invocation(command.id, instance_id)
        threading.Thread(
            target=self._run, args=(command, invocation), name=f"ssm-{command.id[:8]}", daemon=True
        ).start()

    def cancel(self, invocation: Invocation) -> None:
        """End an invocation that runs. One that has ended stays as it is."""
        with self.changed:
            if invocation.status in TERMINAL:
                return
            invocation.status, invocation.details = "Cancelling", "Cancelling"
            process = self._processes.get(_key(invocation))
            if process:
                _kill(process)

    def _run(self, command: Command, invocation: Invocation) -> None:
        script = "\n".join(command.parameters["commands"]) + "\n"
        folder = next(iter(command.parameters.get("workingDirectory", ())), "") or "/"
        limit = float(next(iter(command.parameters.get("executionTimeout", ())), "") or 3600)
        with self.changed:
            invocation.started = now()
            if invocation.status != "Cancelling":
                invocation.status, invocation.details = "InProgress", "InProgress"
        node = self._nodes.find_online(invocation.instance_id)
        if node is None:
            self._finish(invocation, "Undeliverable", "Undeliverable", -1)
            return
        try:
            process = self._start(invocation, node.machine, folder)
        except (MachineError, OSError) as error:
            invocation.stderr = str(error)
            self._finish(invocation, "Undeliverable", "Undeliverable", -1)
            return
        try:
            out, err = process.communicate(script.encode(), timeout=limit)
        except subprocess.TimeoutExpired:
            _kill(process)
            out, err = _read_rest(process)
            self._store_output(invocation, out, err)
            self._finish(invocation, "TimedOut", "Execution Timed Out", -1)
            return
        self._store_output(invocation, out, err)
        code = process.returncode
        self._finish(invocation, *(("Success", "Success") if code == 0 else ("Failed", "Failed")), code)

    def _start(self, invocation: Invocation, name: str, folder: str) -> subprocess.Popen[bytes]:
        """Start the command on the machine. Raises MachineError when the machine is off."""
        machine = enter.find(self._settings, name)
        if machine.leader is None:
            raise MachineError(name, "does not run.")
        words = [
            *enter.enter_namespaces(machine),
            "/bin/sh",
            "-c",
            _SCRIPT,
            "sh",
            f"/run/ssm-{uuid.uuid4().hex}",
            folder,
        ]
        with self.changed:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_ENVIRONMENT,
                start_new_session=True,
            )
            self._processes[_key(invocation)] = process
            if invocation.status == "Cancelling":
                _kill(process)
        return process

    @staticmethod
    def _store_output(invocation: Invocation, out: bytes, err: bytes) -> None:
        invocation.stdout, invocation.stderr = out.decode(errors="replace"), err.decode(errors="replace")

    def _finish(self, invocation: Invocation, status: Status, details: str, code: int) -> None:
        with self.changed:
            self._processes.pop(_key(invocation), None)
            if invocation.status == "Cancelling":
                status, details = "Cancelled", "Cancelled"
            invocation.ended, invocation.code = now(), code
            invocation.details, invocation.status = details, status
            self.changed.notify_all()


def _key(invocation: Invocation) -> tuple[str, str]:
    return invocation.command_id, invocation.instance_id


def _read_rest(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Return the output of a killed command. A process that has left the group may keep the output open."""
    try:
        return process.communicate(timeout=REST_SECONDS)
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", late.stderr or b""


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group of a command, as the agent does. A process that left the group lives on."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
