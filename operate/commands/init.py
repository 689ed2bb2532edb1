"""`cutover init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from common.errors import ConfigurationError

from operate.app import App
from operate.init.account import Account
from operate.init.questions import Questions
from operate.init.writer import RefusedAnswers, require_new_file, write_settings
from operate.options import command

if TYPE_CHECKING:
    from settings import Settings

DEFAULT_REGION = "us-east-1"


@command("init")
def init(app: App) -> None:
    """Ask for the settings, and write them.

    The file is migration.toml, with comments. It looks around in the account for what it can offer: zones, certificates, servers at the provider, managed nodes. It never overwrites
    a file: `cutover --config site.toml init` writes another one.
    """
    from operate.session import create_client, open_session

    require_new_file(app.config)
    session = open_session()

    def open_account(region: str) -> Account:
        clients: dict[str, Any] = {}

        def get_client(service: str) -> Any:
            if service not in clients:
                clients[service] = create_client(session, service, region=region)
            return clients[service]

        return Account(get_client)

    try:
        questions = Questions(open_account, session.region_name or DEFAULT_REGION)
        settings = _ask_until_accepted(questions, app.config)
    except click.Abort:  # Ctrl-C, or an input that has ended
        click.echo(err=True)  # the line of the question
        raise ConfigurationError(
            f"not every question was answered, so {app.config} was not written",
            next_action="call cutover init in a terminal, and answer each question",
        ) from None
    app.output.print_line(f"{app.config} is written, for the site {settings.site.name} in {settings.aws.region}")
    app.output.print_line(f"next: prepare the source (docs/your-own-site.md), then cutover --config {app.config} check")
    app.output.finish({"config": str(app.config), "site": settings.site.name})


def _ask_until_accepted(questions: Questions, path: Path) -> Settings:
    """Return the settings that were written. An answer that does not fit to the others is asked for again; the others are kept."""
    while True:
        try:
            return write_settings(path, questions.ask())
        except RefusedAnswers as refused:
            asked_again = [questions.dialog.forget(location) for location in refused.locations]
            if not any(asked_again):
                raise
            for fault in refused.faults:
                click.echo(f"Error: {fault}", err=True)
