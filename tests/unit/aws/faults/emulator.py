"""`python -m tests.unit.aws.faults.emulator` starts the local AWS without a world, so without machines and their faults."""

from __future__ import annotations

import asyncio
import os

from rehearsal.aws import environment
from rehearsal.aws.control import Control
from rehearsal.aws.server import add_health, serve_until_stopped
from rehearsal.settings import Settings


def main() -> None:
    settings = Settings.load(os.environ)
    environment.apply(settings)
    from rehearsal.aws import asynchronous, custom_resources, function_errors
    from rehearsal.aws.faults import install
    from rehearsal.aws.faults.kinds import Faults
    from rehearsal.aws.registry import Registry, build_application

    registry, faults, control = Registry(), Faults(), Control()
    function_errors.install(registry)
    asynchronous.install(registry)
    custom_resources.install(registry, control)
    install(faults, registry, control)
    asyncio.run(serve_until_stopped(settings, add_health(control.wrap(build_application())), faults.clear))


if __name__ == "__main__":
    main()
