"""Ask for the values of migration.toml. Each answer is checked at once by the model that reads the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from settings.certificate import find_certificate_problem
from settings.kinds import get_kind_of, list_models
from settings.model import Aws, Migration
from settings.site import Site
from settings.zones import Route53Zone

from operate.init.account import Account
from operate.init.dialog import Dialog
from operate.init.prompts import format_offered, validate
from operate.init.source_questions import ask_source

ELSEWHERE, NONE = "elsewhere", "none"
Answers = dict[str, Any]


@dataclass
class Questions:
    """Asks one question after another. `account`: of the region that was answered first."""

    open_account: Callable[[str], Account]
    region: str
    """the default"""
    dialog: Dialog = field(default_factory=Dialog)
    _accounts: dict[str, Account] = field(default_factory=dict)

    def ask(self) -> Answers:
        """Return the answers by table of the file. A second call asks only what the dialog has forgotten."""
        dialog = self.dialog
        region = dialog.ask_value(
            ("aws", "region"), "region of the stacks", Aws.model_fields["region"], default=self.region
        )
        account = self._sign_in(region)
        site = _ask_site(dialog, account, region)
        provider = _ask_provider(dialog, account, site["name"])
        source = ask_source(dialog, account, site["name"])
        manual = dialog.confirm(("cutover", "go"), "shall a run wait for `cutover go` before its window", default=True)
        for note in account.take_notes():
            click.echo(f"not looked up: {note}", err=True)
        return {
            "aws": {"region": region},
            "site": site,
            "provider": provider,
            "source": source,
            "cutover": {"go": "manual" if manual else "automatic"},
        }

    def _sign_in(self, region: str) -> Account:
        if region not in self._accounts:
            account = self._accounts[region] = self.open_account(region)
            click.echo(f"signed in as {account.read_caller()}", err=True)
        return self._accounts[region]


def _ask_site(dialog: Dialog, account: Account, region: str) -> Answers:
    fields = Site.model_fields
    site: Answers = {
        "name": dialog.ask_value(
            ("site", "name"),
            "short name of the site, for its resources",
            fields["name"],
            default=fields["name"].default,
        )
    }
    site |= dialog.ask_text(
        ("site", "dns_name"),
        "name that users type, with its path if it has one, such as git.example.com or www.example.com/git",
        check=_parse_address,
    )
    site["hosted_zone"] = _ask_hosted_zone(dialog, account, site["dns_name"])
    certificates = [*account.list_certificates(site["dns_name"]), NONE]
    certificate = dialog.ask_text(
        ("site", "certificate_arn"),
        f"ARN of the ACM certificate, or {NONE!r}",
        default=certificates[0],
        hint=format_offered("found", certificates),
        check=lambda text: text if text == NONE else _check_certificate(text, region),
    )
    return {**site, **({} if certificate == NONE else {"certificate_arn": certificate})}


def _ask_hosted_zone(dialog: Dialog, account: Account, dns_name: str) -> Answers:
    zones = {name: zone for name, zone in account.list_zones().items() if _is_in_zone(dns_name, name)}
    longest = max(zones, key=len, default="")
    answer = dialog.ask_text(
        ("site", "hosted_zone", "id"),
        f"id of the hosted zone in Route 53, or {ELSEWHERE!r} for another DNS provider",
        default=zones.get(longest, ELSEWHERE),
        check=lambda text: text if text == ELSEWHERE else validate(Route53Zone.model_fields["id"], text),
    )
    if answer == ELSEWHERE:
        return {"kind": ELSEWHERE}
    known = {zone: name for name, zone in zones.items()}.get(answer)
    name = dialog.ask_text(
        ("site", "hosted_zone", "name"),
        "name of that zone",
        default=known or dns_name.partition(".")[2],
        check=lambda text: _check_zone_name(text, dns_name),
    )
    return {"name": name, "id": answer}


def _is_in_zone(name: str, zone: str) -> bool:
    return f".{name}".endswith(f".{zone}")


def _parse_address(answer: str) -> Answers:
    """Return `dns_name`, and `path` if the address has one. UsageError states what is expected."""
    name, _, path = answer.partition("/")
    found = {"dns_name": validate(Site.model_fields["dns_name"], name)}
    return {**found, "path": validate(Site.model_fields["path"], f"/{path}".rstrip("/"))} if path else found


def _check_zone_name(text: str, dns_name: str) -> str:
    """Return the name of the zone. UsageError states what is expected."""
    zone = str(validate(Route53Zone.model_fields["name"], text))
    if not _is_in_zone(dns_name, zone):
        raise click.UsageError(f"expected {dns_name} or a parent of it: the zone has the records of the site")
    return zone


def _check_certificate(arn: str, region: str) -> str:
    """Return the ARN. UsageError states what is expected."""
    if problem := find_certificate_problem(arn, region=region):
        raise click.UsageError(f"expected {problem}")
    return arn


def _ask_provider(dialog: Dialog, account: Account, name: str) -> Answers:
    models = {get_kind_of(model): model for model in list_models(Migration.model_fields["provider"].annotation)}
    fewest = min(models, key=lambda kind: len(_list_required(models[kind])))
    kind = dialog.ask_choice(
        ("provider", "kind"), "provider that replicates the server", sorted(models), default=fewest
    )
    servers = account.list_servers(kind)
    answers: Answers = {"kind": kind}
    for key, model_field in _list_required(models[kind]).items():
        if key == "source_server_name":
            answers[key] = dialog.ask_value(
                ("provider", key),
                "server to migrate, by its name at the provider",
                model_field,
                default=servers[0] if servers else name,
                hint=format_offered("found", servers),
            )
        else:
            answers[key] = dialog.ask_value(("provider", key), key.replace("_", " "), model_field)
    return answers


def _list_required(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {name: one for name, one in model.model_fields.items() if one.is_required() and name != "kind"}
