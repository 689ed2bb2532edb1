"""Options that several commands have. `--help` and `--version` end a command before it begins, so they look for `--json` themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from importlib.metadata import version
from typing import Any

import click

from operate.app import App
from operate.output import Output

Function = Callable[..., Any]
JSON_OPTION = "--json"
JSON_REQUESTED = "operate.json"
"""in the `meta` of click's contexts, which those of a group and of its command share"""


def remember_output_mode(ctx: click.Context, arguments: Sequence[str]) -> None:
    """Keep whether `--json` is among all arguments: it may stand behind an option that ends the command."""
    ctx.meta[JSON_REQUESTED] = JSON_OPTION in arguments


def help_option(function: Function) -> Function:
    """Add the option `--help`."""
    return click.help_option("-h", "--help", callback=_print_help)(function)


def version_option(function: Function) -> Function:
    """Add the option `--version`."""
    return click.option(
        "--version",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help="Show the version and exit.",
    )(function)


def _print_help(ctx: click.Context, _option: click.Parameter, given: bool) -> None:
    if given and not ctx.resilient_parsing:
        _print_and_exit(ctx, "help", ctx.get_help(), ctx.get_help())


def _print_version(ctx: click.Context, _option: click.Parameter, given: bool) -> None:
    if given and not ctx.resilient_parsing:
        number = version("cutover")
        _print_and_exit(ctx, "version", number, f"cutover, version {number}")


def _print_and_exit(ctx: click.Context, key: str, value: str, text: str) -> None:
    if ctx.meta.get(JSON_REQUESTED):
        Output(as_json=True).finish({key: value})
    else:
        click.echo(text, color=ctx.color)
    ctx.exit()


def command(name: str) -> Callable[[Function], click.Command]:
    """Return a decorator that makes a command of a function of the App. It adds `--json`, which the command may have too."""

    def decorate(function: Function) -> click.Command:
        @click.option(JSON_OPTION, "as_json", is_flag=True, help="Print one JSON object, for programs.")
        @help_option
        @click.pass_obj
        @wraps(function)
        def run(app: App, /, *, as_json: bool, **options: Any) -> Any:
            app.output.as_json = app.output.as_json or as_json
            return function(app, **options)

        return click.command(name)(run)

    return decorate


def seconds_option(default: int, text: str) -> Callable[[Function], Function]:
    """Return the option `--seconds`, a time limit."""
    return click.option(
        "--seconds", type=click.IntRange(min=1), default=default, show_default=True, metavar="N", help=text
    )
