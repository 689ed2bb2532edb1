"""What runs on the machines of a site: freeze, delta, digests, launch, acceptance. Entry point: `cutover-site VERB`.

Needs Python 3.9, the oldest one of the servers that are migrated. This file and `interpreter` use the syntax of Python 3.6 and older
modules only, and every other module is loaded after them, so that an older Python answers with a reason instead of a SyntaxError.
"""

from cutover_site import interpreter

interpreter.require()
