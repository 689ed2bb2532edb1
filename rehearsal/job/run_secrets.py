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
from rehearsal.job.survey import APPLICATION, Survey
from rehearsal.processes import list_world_processes
from rehearsal.providers.interface import ReadSecret
from rehearsal.settings import Settings
from rehearsal.world import enter
from rehearsal.world.reflink import list_extents


def search_run(
    settings: Settings, client: Client, survey: Survey, *, settings_file: str, users: Callable[[], Iterable[tuple[str, str]]], evidence: str,
    assembly: Path, page: Callable[[], list[Path]], report: Callable[[str], None],
) -> Secrecy:  # fmt: skip
    """Search the run for secrets.

    `settings_file`: of the application, on the source's disk. `users`: name and password of each user of the source. `evidence`: its text so
    far. `assembly`: the folder that `cdk synth` wrote. `page` returns the files of the report. It
    is called last, because it may have to wait for them.

    The control is the disk of the source's server, from the place of the application's settings.
    """
    rehearsed, source = application.load(), enter.find(settings, APPLICATION).id
    disk, settings_path = settings.pool / "volumes" / f"{source}.raw", settings.mounts / source / settings_file
    # The journal of a machine that does not run is not searched, and the report names this.
    machines = [machine.id for machine in enter.list_machines(settings)]
    return search_places(
        {
            "Secrets Manager": lambda: split_settings(read_secrets_manager(client("secretsmanager"))),
            **_list_provider_sources(settings),
            "the application's settings": lambda: rehearsed.read_settings_secrets(settings_path.read_text()),
            "the ledger client": lambda: read_client_accounts(settings.state / "client"),
            "the site's users": users,
            "SSH host keys": lambda: _list_host_keys(settings, survey),
        },
        {
            "cdk.out": lambda: read_tree(assembly),
            "settings": lambda: make_text_item("migration.toml", (settings.home / "migration.toml").read_text()),
            **build_places(client, settings.pool),
            "journals": lambda: read_journals(machines, lambda machine: _read_journal(settings, machine)),
            "processes": lambda: read_processes(list_world_processes(settings)),
            "consoles and logs": lambda: read_tree(settings.logs),
            "the report": lambda: (item for file in page() for item in make_text_item(file.name, file.read_text())),
            "the account of the run": lambda: make_text_item("evidence.json", evidence),
        },
        control=lambda: iter(
            [Item("the disk of the source's server", read_contents(disk, begin=_find_place(settings_path)))]
        ),
        report=report,
    )


def _find_place(file: Path) -> int:
    """Return where a file begins on its disk, in bytes; 0 when the file system does not show it."""
    try:
        extents = list_extents(file)
    except OSError:
        return 0
    return extents[0].physical if extents else 0


def _list_host_keys(settings: Settings, survey: Survey) -> Iterator[tuple[str, str]]:
    for file in sorted(settings.mounts.glob("*/etc/ssh/ssh_host_*_key")):
        yield f"SSH host key {file.relative_to(settings.mounts)}", read_private_key(file)
    for file in application.load().find_private_keys(survey.target_files.root):
        yield f"SSH host key of the site: {file.name}", read_private_key(file)


def _read_journal(settings: Settings, machine: str) -> str:
    done = enter.run(settings, machine, ["journalctl", "--no-pager", "--all", "--output=export"], timeout=120)
    if done.exit_code or LEFT_OUT in done.stderr:
        raise RehearsalError(f"the journal of {machine} could not be read: {done.stderr.strip()[-200:]}")
    return done.stdout


def split_settings(found: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the secrets. Those with the settings of a source are one text with several lines, of which each secret line is searched for."""
    rehearsed = application.load()
    for name, value in found:
        if name.endswith(f": {rehearsed.SETTINGS_FIELD}"):
            yield from ((f"{name}: {line}", secret) for line, secret in rehearsed.read_settings_secrets(value))
        else:
            yield name, value


def _list_provider_sources(settings: Settings) -> Mapping[str, Callable[[], Iterable[tuple[str, str]]]]:
    """Return the sources of the secrets that the provider keeps outside of AWS."""

    def make_source(name: str, read: ReadSecret) -> Callable[[], Iterable[tuple[str, str]]]:
        return lambda: list_fields(name, read())

    found = providers.load(settings).read_secrets(settings)
    return {f"the {name}": make_source(name, read) for name, read in found.items()}
