"""Nothing of the product outside a provider's own places knows that provider."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PRODUCT = ("app.py", "migration.toml", "Makefile", "stacks", "constructs", "lambda", "operate", "assets")

KINDS = ("cloudendure", "mgn")
CLIENT = "lambda/common/clients/{kind}/"
OTHERS = (
    "constructs/settings/providers/{kind}.py",
    "constructs/providers/{kind}/",
    "assets/ansible/roles/{kind}_agent/",
    "assets/site/cutover_site/providers/{kind}.py",
)
"""what belongs to a provider: client, settings, grants and ports, agent, traces in an image"""
PLACES = tuple(place.format(kind=kind) for kind in KINDS for place in (CLIENT, *OTHERS))

CLOUDENDURE = r"cloud ?endure|blueprint|hosttomigrate|ce_conversion|consoles?\b|console_"
MGN = r"mgn|application ?migration"
WORDS = re.compile(f"{CLOUDENDURE}|{MGN}", re.IGNORECASE)
"""the names of the providers, and the names that they give to things"""

ALLOWED = {
    "constructs/providers/registry.py": (r"cloudendure|mgn", "the registry of the stacks: which package belongs to which kind"),
    "constructs/settings/providers/registry.py": (r"cloudendure|mgn", "the registry of the settings: the union that kind tells apart"),
    "lambda/common/clients/providers.py": (r"cloudendure|mgn", "the registry of the functions: which client belongs to which kind"),
    "assets/site/cutover_site/providers/__init__.py": (r"cloudendure|mgn", "the registry of the tool: whose traces an image must not have"),
    "constructs/settings/providers/base.py": (r"hosttomigrate", "wire name: key of migration.toml in earlier releases, read until the next one"),
    "Makefile": (r"mgn", "help text of the choice of the provider"),
    "migration.toml": (r"cloudendure|hosttomigrate|console|mgn|application migration", "the user's choice, with that provider's keys and the former name of one"),
    "assets/ansible/roles/adopted_source/README.md": (r"mgn", "documentation of the role's variables"),
    "assets/ansible/roles/adopted_source/defaults/main.yml": (r"mgn", "the default of the role's variable"),
    "assets/ansible/README.md": (r"cloudendure|console|mgn", "documentation of the role's variables"),
    "lambda/common/clients/console.py": (r"console", "EC2's console output, not a provider's console"),
    "lambda/procedure/context.py": (r"console", "EC2's console output"),
    "lambda/procedure/dry_run.py": (r"console", "EC2's console output"),
    "lambda/procedure/toolbox.py": (r"console", "EC2's console output"),
    "lambda/procedure/steps/collect.py": (r"console", "EC2's console output"),
    "lambda/procedure/steps/launch.py": (r"console", "EC2's console output"),
    "constructs/state_machines/permissions.py": (r"console", "the right to EC2's console output"),
    "constructs/state_machines/procedure_function.py": (r"console", "the right to EC2's console output"),
    "operate/checks/permissions.py": (
        r"AWSApplicationMigrationServiceManaged|mgn\.amazonaws\.com", "the tag to which the runbook binds removals"),
    "operate/output.py": (r"console", "the terminal, as rich calls it"),
    "operate/status_view.py": (r"console", "the terminal, as rich calls it"),
    "operate/watch.py": (r"console", "the terminal, as rich calls it"),
}  # fmt: skip
"""Wire names, registries, and words that mean something else: file, what it may hold, why."""


def list_product() -> list[str]:
    """Paths of the product's files, below the repository's root."""
    files = [
        path for part in PRODUCT for path in ((ROOT / part).rglob("*") if (ROOT / part).is_dir() else [ROOT / part])
    ]
    return sorted(str(path.relative_to(ROOT)) for path in files if path.is_file() and "__pycache__" not in path.parts)


def search(names: list[str]) -> list[str]:
    found = [f"{name}: in its own name" for name in names if WORDS.search(name)]
    for name in names:
        allowed = ALLOWED.get(name, (r"(?!)", ""))[0]
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1):
            if WORDS.search(re.sub(allowed, "", line, flags=re.IGNORECASE)):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def test_only_listed_files_of_the_product_name_a_provider() -> None:
    names = [name for name in list_product() if not name.startswith(PLACES)]
    assert len(names) > 200, "the search must see the product"
    own = {"lambda/common/clients/console.py: in its own name"}
    assert sorted({*search(names)} - own) == []


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_every_listed_exception_is_still_required(name: str) -> None:
    pattern, reason = ALLOWED[name]
    assert reason
    assert re.search(pattern, (ROOT / name).read_text(), re.IGNORECASE), f"{name} needs no exception any more"


@pytest.mark.parametrize(("kind", "words"), [("cloudendure", MGN), ("mgn", CLOUDENDURE.partition("|consoles")[0])])
def test_the_client_of_a_provider_does_not_name_another(kind: str, words: str) -> None:
    files = sorted((ROOT / CLIENT.format(kind=kind)).glob("*.py"))
    assert files
    assert [path.name for path in files if re.search(words, path.read_text(), re.IGNORECASE)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_the_settings_accept_has_all_of_its_places(kind: str) -> None:
    names = list_product()
    accepted = (ROOT / OTHERS[0].format(kind=kind)).exists()
    expected = [place.format(kind=kind) for place in (CLIENT, *OTHERS)] if accepted else [CLIENT.format(kind=kind)]
    assert [place for place in expected if not any(name.startswith(place) for name in names)] == []
