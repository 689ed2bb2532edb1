"""Run the commands of AWS-RunShellScript as root by the machine's own systemd, as the SSM agent does."""

from __future__ import annotations

import logging
import subprocess
import threading

from rehearsal.aws.ssm.models import TERMINAL, Command, Invocation, Status, now
from rehearsal.aws.ssm.nodes import ManagedNodes
from rehearsal.errors import MachineError
from rehearsal.settings import Settings
from rehearsal.world import enter

# The agent writes the commands into a file and runs that with sh, so a first line with #! counts.
_SCRIPT = """umask 077
folder=$(mktemp -d /run/ssm-XXXXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT
cat >"$folder/_script.sh"
chmod 700 "$folder/_script.sh"
cd "$0" || exit 1
sh -c "$folder/_script.sh" </dev/null
"""
_log = logging.getLogger(__name__)


class Runner:
    """Runs invocations, each on a thread of its own. `changed` is notified when one ends."""

    def __init__(self, settings: Settings, nodes: ManagedNodes) -> None:
        self._settings, self._nodes = settings, nodes
        self.changed = threading.Condition()

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
        self._end_unit(invocation)

    def _run(self, command: Command, invocation: Invocation) -> None:
        script = "\n".join(command.parameters["commands"]) + "\n"
        folder = next(iter(command.parameters.get("workingDirectory", ())), "") or "/"
        limit = float(next(iter(command.parameters.get("executionTimeout", ())), "") or 3600)
        invocation.started = now()
        invocation.status, invocation.details = "InProgress", "InProgress"
        node = self._nodes.find_online(invocation.instance_id)
        if node is None:
            self._finish(invocation, "Undeliverable", "Undeliverable", -1)
            return
        invocation.machine = node.machine
        try:
            machine = enter.find(self._settings, node.machine)
            if machine.leader is None:
                self._finish(invocation, "Undeliverable", "Undeliverable", -1)
                return
            words = enter.command(machine, ["/bin/sh", "-c", _SCRIPT, folder], unit=invocation.unit, cwd="/")
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
        except (MachineError, OSError) as error:
            invocation.stderr = str(error)
            self._finish(invocation, "Undeliverable", "Undeliverable", -1)
            return
        try:
            out, err = process.communicate(script.encode(), timeout=limit)
        except subprocess.TimeoutExpired:
            self._end_unit(invocation)
            out, err = process.communicate()
            self._store_output(invocation, out, err)
            self._finish(invocation, "TimedOut", "Execution Timed Out", -1)
            return
        self._store_output(invocation, out, err)
        code = process.returncode
        self._finish(invocation, *(("Success", "Success") if code == 0 else ("Failed", "Failed")), code)

    @staticmethod
    def _store_output(invocation: Invocation, out: bytes, err: bytes) -> None:
        invocation.stdout, invocation.stderr = out.decode(errors="replace"), err.decode(errors="replace")

    def _finish(self, invocation: Invocation, status: Status, details: str, code: int) -> None:
        with self.changed:
            if invocation.status == "Cancelling":
                status, details = "Cancelled", "Cancelled"
            invocation.ended, invocation.code = now(), code
            invocation.details, invocation.status = details, status
            self.changed.notify_all()

    def _end_unit(self, invocation: Invocation) -> None:
        try:
            enter.run(self._settings, invocation.machine, ["systemctl", "stop", invocation.unit], timeout=30)
        except MachineError as error:  # the machine is gone, and the command with it
            _log.info("command %s: %s", invocation.command_id, error)
