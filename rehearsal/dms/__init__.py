"""AWS DMS: its API, its CloudFormation types, and an engine that really replicates.

dms = install(cloud)     in the assembly of the local AWS, once
dms.close()              ends every engine
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.aws.cloud import Cloud
    from rehearsal.dms.service import Dms


def install(cloud: Cloud) -> Dms:
    """Register the service and its resource types, and begin to publish metrics and to listen for orders."""
    # Imported here: the engine's processes import this package too, and must not import ministack.
    from rehearsal.dms.cloudformation import Types
    from rehearsal.dms.service import Dms
    from rehearsal.dms.world import WorldAccount, WorldNetwork

    home = cloud.settings.home
    dms = Dms(WorldNetwork(cloud), WorldAccount(cloud), folder=home / "dms", logs=cloud.settings.logs)
    cloud.registry.register_actions("dms", dms.actions)
    Types(cloud.registry, dms)
    dms.start()
    return dms
