"""Return the domain of the services in an AWS region: `lookup('aws_domain', 'cn-north-1')` is `amazonaws.com.cn`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

sys.path.append(str(Path(__file__).resolve().parents[2] / "site"))  # the asset has the tool beside the playbooks


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(self, terms: list[str], variables: Any = None, **options: Any) -> list[str]:
        """Return the domain of each region's partition. Raises AnsibleError for an unknown region."""
        from cutover_site.aws.partitions import find_partition
        from cutover_site.errors import SiteError

        self.set_options(var_options=variables, direct=options)
        try:
            return [find_partition(term).dns_suffix for term in terms]
        except SiteError as error:
            raise AnsibleError(f"{error.reason}. {error.next_action}") from error
