"""RDS: each database instance is a machine with MySQL (or MariaDB) that refuses what RDS refuses."""
