"""`cutover completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from operate.app import App
from operate.options import command

VARIABLE = "_CUTOVER_COMPLETE"
"""the environment variable with which the shell asks for completions; click reads it"""


@command("completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
def completion(app: App, shell: str) -> None:
    """Print the completion script of a shell.

    For bash: eval "$(cutover completion bash)"
    """
    from operate.cli import group

    found = get_completion_class(shell)
    if found is None:  # no shell of the choice
        raise click.UsageError(f"no completion for {shell}")
    script = found(group, {}, "cutover", VARIABLE).source()
    if app.output.as_json:
        app.output.finish({"script": script})
    else:
        click.echo(script)
