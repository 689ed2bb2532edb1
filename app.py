"""Define the CDK app: the stacks that move a site to AWS.

`cdk deploy SourceStack` creates a source for trials, `cdk deploy MigrationStack` performs the migration. With an existing
source there is no SourceStack. Reads migration.toml, or the file that CUTOVER_CONFIG names. Needs no credentials and no
network but the package index.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from settings import Settings, SettingsError

NODE = Path(__file__).parent / "node_modules/.bin/node"
"""The supported release of Node.js that `make setup` installs. An older release prints a banner around each message."""

NODE_OPTIONS = "--v8-pool-size=1"
"""One helper thread of V8. With the four of the default, the garbage collection of the CDK's process costs more than a second of
processor time more (docs/benchmarks.md, synthesis)."""

USAGE = 2
"""The exit code for a wrong setting, as the command line `cutover` has it."""


def main() -> None:
    """Synthesize the stacks. A wrong setting ends with one line.

    The settings are read before the CDK is imported, because the import starts a process of Node.js.
    """
    try:
        settings = Settings.load(Path(os.environ.get("CUTOVER_CONFIG") or "migration.toml"))
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(USAGE)
    # The modules of the CDK are millions of objects that live until the end; looking for garbage among them takes most of a second.
    gc.disable()
    configure_node(os.environ, node=NODE)
    from stacks.composition import synthesize

    synthesize(settings)


def configure_node(environment: MutableMapping[str, str], *, node: Path) -> None:
    """Select the CDK's Node.js and its options in `environment`. What the user has set there stays, and wins."""
    if node.exists():
        environment.setdefault("JSII_NODE", str(node))
    if environment.get("JSII_NODE") == str(node):
        # The last of two equal options counts.
        environment["NODE_OPTIONS"] = f"{NODE_OPTIONS} {environment.get('NODE_OPTIONS', '')}".rstrip()


if __name__ == "__main__":
    main()
