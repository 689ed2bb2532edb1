#!/bin/bash
# Do what docs/your-own-site.md and the findings of the check ask of the owner of the database. Run as root.
#
# On standard input, as KEY=VALUE lines: UNIT (of Gogs), SCHEMA, REPLICATION_USER, REPLICATION_PASSWORD, REPLICATION_FROM (a pattern of MySQL).
set -euo pipefail
# shellcheck source=/dev/null
. /dev/stdin
cat >/etc/mysql/mariadb.conf.d/90-replication.cnf <<'CONF'
[mysqld]
bind_address        = 0.0.0.0
server_id           = 7
log_bin             = /var/lib/mysql/forge-bin
binlog_format       = ROW
binlog_row_image    = FULL
expire_logs_days    = 3
CONF
systemctl restart mariadb
mariadb <<SQL
CREATE OR REPLACE USER '$REPLICATION_USER'@'$REPLICATION_FROM' IDENTIFIED BY '$REPLICATION_PASSWORD';
GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO '$REPLICATION_USER'@'$REPLICATION_FROM';
GRANT SELECT ON \`$SCHEMA\`.* TO '$REPLICATION_USER'@'$REPLICATION_FROM';
GRANT SELECT ON \`cutover\`.* TO '$REPLICATION_USER'@'$REPLICATION_FROM';
SQL
systemctl restart "$UNIT"
