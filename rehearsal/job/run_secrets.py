"""The secrets of a finished run and the places where none may be: what the search for leaks is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from rehearsal import application, providers
from rehearsal.errors import RehearsalError
from rehearsal.job.secrecy import Secrecy, search_places
from rehearsal.job.secrecy.aws_places import Client, build_places
from rehearsal.job.secrecy.image_journal import LEFT_OUT
from rehearsal.job.secrecy.places import Item, make_text_item, read_journals, read_processes, read_tree
from rehearsal.job.secrecy.search import read_contents
from rehearsal.job.secrecy.values import (
    list_fields,
    read_client_accounts,
    read_private_key,
    read_secrets_manager,
)
from rehearsal.job.survey import Survey
from rehearsal.processes import list_world_processes
from rehearsal.providers.interface import ReadSecret
from rehearsal.settings import Settings
from rehearsal.world import enter


def search_run(
    settings: Settings, client: Client, survey: Survey, *, site: dict[str, str], evidence: str, assembly: Path,
    report: Callable[[str], None],
) -> Secrecy:  # fmt: skip
    """Search the run for secrets. `site` is the site's secret, `evidence` the text of the evidence so far, `assembly` the folder that `cdk synth` wrote.

    The control is the disk of the source's server, which holds the application's settings.
    """
    rehearsed, source = application.load(), str(survey.facts["source_app_instance_id"])

    def list_host_keys() -> Iterator[tuple[str, str]]:
        for file in sorted(settings.mounts.glob("*/etc/ssh/ssh_host_*_key")):
            yield f"SSH host key {file.relative_to(settings.mounts)}", read_private_key(file)
        for file in rehearsed.find_private_keys(survey.target_files):
            yield f"SSH host key of the site: {file.name}", read_private_key(file)

    def read_disk() -> Iterator[Item]:
        yield Item("the disk of the source's server", read_contents(settings.pool / "volumes" / f"{source}.raw"))

    def read_journal(machine: str) -> str:
        done = enter.run(settings, machine, ["journalctl", "--no-pager", "--all", "--output=export"], timeout=120)
        if done.exit_code or LEFT_OUT in done.stderr:
            raise RehearsalError(f"the journal of {machine} could not be read: {done.stderr.strip()[-200:]}")
        return done.stdout

    # The journal of a machine that does not run is not searched, and the report names this.
    machines = [machine.id for machine in enter.list_machines(settings)]
    return search_places(
        {
            "Secrets Manager": lambda: read_secrets_manager(client("secretsmanager")),
            **_list_provider_sources(settings),
            "the application's settings": lambda: rehearsed.read_settings_secrets(settings.mounts / source),
            "the ledger client": lambda: read_client_accounts(settings.state / "client"),
            "the demo's users": lambda: rehearsed.derive_demo_passwords(survey.query("rds"), site),
            "SSH host keys": list_host_keys,
        },
        {
            "cdk.out": lambda: read_tree(assembly),
            "settings": lambda: make_text_item("migration.toml", (settings.home / "migration.toml").read_text()),
            **build_places(client, settings.pool),
            "journals": lambda: read_journals(machines, read_journal),
            "processes": lambda: read_processes(list_world_processes(settings)),
            "consoles and logs": lambda: read_tree(settings.logs),
            "the account of the run": lambda: make_text_item("evidence.json", evidence),
        },
        control=read_disk,
        report=report,
    )


def _list_provider_sources(settings: Settings) -> Mapping[str, Callable[[], Iterable[tuple[str, str]]]]:
    """Return the sources of the secrets that the provider keeps outside of AWS."""

    def make_source(name: str, read: ReadSecret) -> Callable[[], Iterable[tuple[str, str]]]:
        return lambda: list_fields(name, read())

    found = providers.load(settings).read_secrets(settings)
    return {f"the {name}": make_source(name, read) for name, read in found.items()}
