"""The verbs, one module per family. A verb takes the machine and its options, does one idempotent thing and returns facts."""

from __future__ import annotations

from cutover_site.adopt.verb import VERBS as ADOPT
from cutover_site.existing.verb import VERBS as EXISTING
from cutover_site.verbs.acceptance import VERBS as ACCEPTANCE
from cutover_site.verbs.digests import VERBS as DIGESTS
from cutover_site.verbs.files import VERBS as FILES
from cutover_site.verbs.freeze import VERBS as FREEZE
from cutover_site.verbs.hook import VERBS as HOOK
from cutover_site.verbs.identity import VERBS as IDENTITY
from cutover_site.verbs.launch import VERBS as LAUNCH
from cutover_site.verbs.marker import VERBS as MARKER
from cutover_site.verbs.prefork import VERBS as PREFORK
from cutover_site.verbs.replicated_rows import VERBS as REPLICATED_ROWS
from cutover_site.verbs.requests import VERBS as REQUESTS
from cutover_site.verbs.serving import VERBS as SERVING
from cutover_site.verbs.source import VERBS as SOURCE
from cutover_site.verbs.target_database import VERBS as TARGET_DATABASE

ALL = (
    *SOURCE,
    *FREEZE,
    *TARGET_DATABASE,
    *DIGESTS,
    *REPLICATED_ROWS,
    *MARKER,
    *FILES,
    *IDENTITY,
    *LAUNCH,
    *SERVING,
    *ACCEPTANCE,
    *PREFORK,
    *HOOK,
    *REQUESTS,
    *EXISTING,
    *ADOPT,
)
