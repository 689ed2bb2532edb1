"""python -m rehearsal: a local AWS made of real machines.

Exit codes: 0 done, 1 failed with a reason, 2 wrong usage. `exec` passes on the exit code of its command.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from rehearsal import application, demo, requirements, supervise, termination
from rehearsal.cleanup import list_leftovers
from rehearsal.environment import build_environment
from rehearsal.errors import MachineError, RehearsalError, UsageError
from rehearsal.settings import MARK, SOURCES, Settings
from rehearsal.world import enter
from rehearsal.world.leaders import kill_leader

Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; prints one sentence to stderr when it fails."""
    options = _build_parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(Settings.load(os.environ), options)
    except RehearsalError as error:
        print(f"rehearsal: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        print("rehearsal: interrupted; what had been started is ended", file=sys.stderr)
        return 1


def _start_world(settings: Settings, options: argparse.Namespace) -> int:
    _require_root()
    termination.interrupt_main_thread()
    os.environ[MARK] = settings.mark  # what `up` itself starts is found by `down`, should it be killed
    if options.latency:
        os.environ["REHEARSAL_LATENCY"] = options.latency
    application.load().check_environment(os.environ)
    began = time.monotonic()
    progress = _make_progress(began)
    if not supervise.start_world(settings, progress, prepare_more=lambda: demo.prepare_demo(settings, progress)):
        print(f"the world at {settings.aws_url} runs already")
        return 0
    try:
        demo.bootstrap_demo(settings, progress)
    except BaseException:
        supervise.stop_world(settings, progress)
        raise
    print(f"up after {time.monotonic() - began:.0f} s: AWS {settings.aws_url}")
    for line in demo.describe(settings):
        print(line)
    print('next: eval "$(python -m rehearsal env)", then npx cdk deploy SourceStack')
    return 0


def _stop_world(settings: Settings, _: argparse.Namespace) -> int:
    supervise.stop_world(settings, _make_progress(time.monotonic()))
    return 0


def _print_status(settings: Settings, _: argparse.Namespace) -> int:
    """Print the state of the world. Return 0 when everything runs."""
    components = supervise.list_statuses(settings)
    for component in components:
        state = f"process {component.process}" if component.process else "does not run"
        print(
            f"{component.name:12} 127.0.0.1:{component.port:<6} {state}{'' if component.healthy else ', not healthy'}"
        )
    _print_machines(settings)
    if all(component.healthy and component.process for component in components):
        return 0
    for left in list_leftovers(settings) if os.geteuid() == 0 else ():
        print(f"left over: {left}")
    return 1


def _print_environment(settings: Settings, _: argparse.Namespace) -> int:
    for name, value in build_environment(settings).items():
        print(f"export {name}={shlex.quote(value)}")
    for line in demo.describe(settings):
        print(f"# {line}")
    return 0


def _list_machines(settings: Settings, options: argparse.Namespace) -> int:
    if not options.json:
        _print_machines(settings)
        return 0
    found = [{**asdict(machine), "disk": str(machine.disk)} for machine in enter.list_machines(settings)]
    print(json.dumps(found, indent=2))
    return 0


def _print_machines(settings: Settings) -> None:
    for machine in enter.list_machines(settings):
        print(f"{machine.id:24} {machine.role or '-':16} {machine.name or '-':24} {machine.ip:15} {machine.state}")


def _run_in_machine(settings: Settings, options: argparse.Namespace) -> int:
    _require_root()
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        print("rehearsal: give a command: exec MACHINE -- COMMAND…", file=sys.stderr)
        return 2
    machine = enter.find(settings, options.machine)
    if machine.leader is None:
        raise MachineError(machine.id, "does not run.")
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return subprocess.run(enter.command(machine, words, terminal=terminal), check=False).returncode


def _kill(settings: Settings, options: argparse.Namespace) -> int:
    _require_root()
    machine = enter.find(settings, options.machine)
    if machine.leader is None or not kill_leader(settings, machine.id, machine.leader):
        raise MachineError(machine.id, "does not run.")
    print(f"{machine.id} has lost its power")
    return 0


def _list_images(settings: Settings, _: argparse.Namespace) -> int:
    for folder in ("images", "snapshots", "volumes"):
        for disk in sorted((settings.pool / folder).glob("[!.]*.raw")):
            facts = disk.stat()
            made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(facts.st_mtime))
            print(f"{folder:10} {disk.stem:32} {facts.st_blocks * 512 >> 20:6} MB of {facts.st_size >> 30} GB  {made}")
    return 0


def _run_rehearsal(settings: Settings, options: argparse.Namespace) -> int:
    from rehearsal.job.rehearse import run_rehearsal
    from rehearsal.job.selection import select_job_type

    settings = replace(settings, source=options.source or settings.source)
    job_type = select_job_type(settings)
    termination.interrupt_main_thread()
    os.environ[MARK] = settings.mark
    return run_rehearsal(settings, keep=options.keep, job_type=job_type)


def _save_checkpoint(settings: Settings, _: argparse.Namespace) -> int:
    from rehearsal.checkpoint import save_checkpoint

    return _run_measured(settings, save_checkpoint, "kept")


def _reset(settings: Settings, _: argparse.Namespace) -> int:
    from rehearsal.checkpoint import reset

    return _run_measured(settings, reset, "as at the checkpoint")


def _run_measured(settings: Settings, act: Callable[[Settings, Callable[[str], None]], None], done: str) -> int:
    _require_root()
    began = time.monotonic()
    act(settings, _make_progress(began))
    print(f"{done} after {time.monotonic() - began:.1f} s")
    return 0


def _install_packages(_: Settings, options: argparse.Namespace) -> int:
    requirements.require_root()
    tests = {**requirements.TEST_PACKAGES, **requirements.BROWSER_PACKAGES}
    also = requirements.BENCH_PACKAGES if options.bench else tests if options.tests else {}
    requirements.require_packages(print, also=also)
    return 0


def _require_root() -> None:
    if os.geteuid() != 0:
        raise RehearsalError("This needs root: run it with sudo.")


def _make_progress(began: float) -> Callable[[str], None]:
    return lambda text: print(f"{time.monotonic() - began:5.0f} s  {text}", flush=True)


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal",
        description="A local AWS made of real machines. REHEARSAL_PORT and REHEARSAL_HOME choose the world.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(command=command)
        return one

    up = add("up", _start_world, "start the world")
    up.add_argument("--latency", choices=["zero", "published"], help="how long the console's service takes")
    add("down", _stop_world, "end it and remove all it took")
    add("status", _print_status, "what runs")
    add("env", _print_environment, "shell exports for the CDK CLI and everything else")
    add("machines", _list_machines, "the machines").add_argument("--json", action="store_true")
    execute = add("exec", _run_in_machine, "run a command in a machine")
    execute.add_argument("machine", help="instance id, role or name")
    execute.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND…")
    add("kill", _kill, "cut a machine's power").add_argument("machine", help="instance id, role or name")
    add("checkpoint", _save_checkpoint, "keep the world's state; a new checkpoint replaces the one before")
    add("reset", _reset, "go back to the checkpoint")
    add("images", _list_images, "disk images, snapshots and volumes")
    packages = add("packages", _install_packages, "install the Debian packages that the host lacks")
    packages.add_argument("--tests", action="store_true", help="those that the tests need, too")
    packages.add_argument("--bench", action="store_true", help="those that the benches need, too")
    rehearse = add("rehearse", _run_rehearsal, "the main job, from nothing to its account")
    rehearse.add_argument("--keep", action="store_true")
    rehearse.add_argument(
        "--source", choices=SOURCES, help="which site is migrated; the default is REHEARSAL_SOURCE, or demo"
    )
    return parser
