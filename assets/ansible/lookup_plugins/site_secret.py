"""`lookup('site_secret', NAME_OR_ARN, region=REGION)`: a secret of Secrets Manager, read with the machine's role.

Returns the JSON object that the secret holds, or its text if that is not JSON. Use it only in tasks with `no_log: true`.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
from ansible.errors import AnsibleLookupError  # type: ignore[import-not-found]
from ansible.plugins.lookup import LookupBase  # type: ignore[import-not-found]
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 6})

DOCUMENTATION = """
name: site_secret
short_description: read a secret with the machine's role
options:
  _terms:
    description: names or ARNs
  region:
    description: AWS region
    type: str
    required: true
"""


class LookupModule(LookupBase):  # type: ignore[misc]
    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[Any]:
        """Raises AnsibleLookupError, which names the secret and never its content."""
        self.set_options(var_options=variables, direct=options)
        client = boto3.session.Session(region_name=self.get_option("region")).client("secretsmanager", config=CONFIG)
        found = []
        for term in terms:
            try:
                text = client.get_secret_value(SecretId=term)["SecretString"]
            except (BotoCoreError, ClientError, KeyError) as error:
                raise AnsibleLookupError(f"secret {term} cannot be read: {error}") from error
            try:
                found.append(json.loads(text))
            except ValueError:
                found.append(text)
        return found
