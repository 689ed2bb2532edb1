"""Parse the command line `cutover` and run the command.

Exit codes: 0 done; 1 not done, or not as it should be (one sentence: what, which machine, what to do); 2 wrong usage or settings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import click
from botocore.exceptions import BotoCoreError
from common.errors import CutoverError, format_sentence
from settings.errors import SettingsError, format_one_line

from operate import formatting
from operate.app import App
from operate.options import JSON_OPTION, help_option, remember_output_mode, version_option
from operate.output import Output

DONE, FAILED, USAGE = 0, 1, 2
DEFECT = "report it with the stack trace on standard error"
CORRECT_PROFILE = "name a profile of ~/.aws/config with AWS_PROFILE, or correct that file"
COMMANDS: Mapping[str, str] = {
    "init": "operate.commands.init:init",
    "check": "operate.commands.check:check",
    "plan": "operate.commands.plan:plan",
    "status": "operate.commands.status:status",
    "go": "operate.commands.go:go",
    "hold": "operate.commands.go:hold",
    "resume": "operate.commands.resume:resume",
    "rollback": "operate.commands.rollback:rollback",
    "dry-run": "operate.commands.dry_run:dry_run",
    "costs": "operate.commands.costs:costs",
    "clean-up": "operate.commands.clean_up:clean_up",
    "completion": "operate.commands.completion:completion",
    "report": "operate.commands.report:report",
}
"""module and function of each command, in the order of the help. A command is imported when it is called: boto3 takes most of a second"""


class Commands(click.Group):
    """The group of the commands in COMMANDS."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options before the command."""
        remember_output_mode(ctx, args)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """Import the command. None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.command(cls=Commands, name="cutover")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="CUTOVER_CONFIG",
    default=Path("migration.toml"),
    show_default=True,
    help="The settings of the site.",
)
@click.option("--stack", "stacks", multiple=True, help="A stack with a state machine, if it has another name.")
@click.option(JSON_OPTION, "as_json", is_flag=True, help="Print one JSON object, for programs.")
@version_option
@help_option
@click.pass_context
def group(ctx: click.Context, config: Path, stacks: tuple[str, ...], *, as_json: bool) -> None:
    """Move a live site to AWS: look at its migration, try it, decide, stop it, clean up.

    Exit codes: 0 done, 1 not done or not as it should be, 2 wrong usage or settings.
    """
    ctx.obj = App(config=config, stacks=stacks, output=Output(as_json=as_json))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Return the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    as_json = JSON_OPTION in given
    try:
        returned = group.main(args=given, prog_name="cutover", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        if as_json:
            return _report_error({"reason": error.format_message()}, USAGE, as_json=True)
        error.show()
        return USAGE
    except SettingsError as error:
        return _report_error({"reason": str(error)}, USAGE, as_json=as_json)
    except CutoverError as error:
        return _report_error(formatting.build_error_facts(error), FAILED, as_json=as_json)
    except BotoCoreError as error:  # before any call: a profile that does not exist, a damaged configuration
        return _report_error({"reason": str(error), "next": CORRECT_PROFILE}, FAILED, as_json=as_json)
    except (KeyboardInterrupt, click.Abort):
        reason = "interrupted: this command stops, the run itself goes on"
        return _report_error({"reason": reason}, FAILED, as_json=as_json)
    except BrokenPipeError:  # the reader of a pipe has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # a defect: its stack trace goes to standard error, for the report of the defect
        if as_json:
            _print_error_object({"reason": f"defect of this command: {type(error).__name__}: {error}", "next": DEFECT})
        raise
    return returned if isinstance(returned, int) else DONE


def _report_error(facts: Mapping[str, str], code: int, *, as_json: bool) -> int:
    """Print the error: a sentence on standard error, and the object of the JSON mode."""
    lines = {key: format_one_line(text) for key, text in facts.items()}
    if as_json:
        _print_error_object(lines)
    print(f"error: {format_sentence(lines)}", file=sys.stderr)
    return code


def _print_error_object(facts: Mapping[str, str]) -> None:
    Output(as_json=True).finish({"error": {key: text for key, text in facts.items() if text}}, ok=False)
