"""The tool on the machines of a site: freeze, delta, digests, launch, acceptance. Entry point: `cutover-site VERB`.

Needs Python 3.9, the oldest version on servers that are migrated. This file and `interpreter` use only the syntax and modules of Python 3.6,
and are loaded first. So an older Python prints a reason instead of a SyntaxError.
"""

from cutover_site import interpreter

interpreter.require()
