#!/bin/bash
# Do what docs/your-own-site.md and the findings of the check ask of the owner of a managed database. Run as root on the site's server.
#
# On standard input, as KEY=VALUE lines: SCHEMA, REPLICATION_USER, REPLICATION_PASSWORD, REPLICATION_FROM (a pattern of MySQL).
# In /run: database.cnf, for a client of the service's administrator.
set -euo pipefail
# shellcheck source=/dev/null
. /dev/stdin
{
    echo "CALL mysql.rds_set_configuration('binlog retention hours', 48);"
    # From where the destination is, and for the site's server, which reads the definitions of the tables.
    for from in "$REPLICATION_FROM" '192.168.7.%'; do
        cat <<SQL
CREATE USER '$REPLICATION_USER'@'$from' IDENTIFIED BY '$REPLICATION_PASSWORD' REQUIRE SSL;
GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO '$REPLICATION_USER'@'$from';
GRANT SELECT ON \`$SCHEMA\`.* TO '$REPLICATION_USER'@'$from';
GRANT SELECT ON \`cutover\`.* TO '$REPLICATION_USER'@'$from';
SQL
    done
} | mariadb --defaults-file=/run/database.cnf
