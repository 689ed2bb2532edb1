"""Return the profile of an application as plain values: `lookup('application_profile', NAME).owner.uid`.

An empty name selects the default application.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

sys.path.append(str(Path(__file__).resolve().parents[2] / "site"))  # the asset has the profiles beside the playbooks


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(self, terms: list[str], variables: Any = None, **options: Any) -> list[dict[str, Any]]:
        """Return the profile of each name. Raises AnsibleError for a name without a profile."""
        import applications

        self.set_options(var_options=variables, direct=options)
        try:
            profiles = [applications.load(term or applications.DEFAULT) for term in terms]
        except applications.UnknownApplication as error:
            raise AnsibleError(str(error)) from error
        return [profile.to_values() for profile in profiles]
