#!/bin/bash
# Prepare the server with the playbook that the owner got for the migration. Run as root. Prints the output of ansible.
#
# On standard input, as KEY=VALUE lines: FOLDER (of the playbooks), VARIABLES (JSON).
set -euo pipefail
# shellcheck source=/dev/null
. /dev/stdin
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install ansible-core python3-boto3 python3-pymysql >/dev/null 2>&1
printf '%s' "$VARIABLES" >/root/variables.json
cd "$FOLDER"
ansible-playbook -i localhost, -c local -e @/root/variables.json ansible/prepare_source.yml 2>&1 || true
