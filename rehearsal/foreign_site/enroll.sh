#!/bin/bash
# Install SSM Agent on a server that is no EC2 instance, and register it with a hybrid activation. Run as root.
#
# On standard input, as KEY=VALUE lines: AGENT_URL, ACTIVATION_ID, ACTIVATION_CODE, REGION.
set -euo pipefail
# shellcheck source=/dev/null
. /dev/stdin
curl -fsS "$AGENT_URL" | tar -xz -C /
amazon-ssm-agent -register -code "$ACTIVATION_CODE" -id "$ACTIVATION_ID" -region "$REGION" -y
systemctl daemon-reload
systemctl enable --quiet --now amazon-ssm-agent
