"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from operate.app import App

Function = Callable[..., Any]


def command(name: str) -> Callable[[Function], click.Command]:
    """Return a decorator that makes a command of a function of the App. It adds `--json`, which the command may have too."""

    def decorate(function: Function) -> click.Command:
        @click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
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
