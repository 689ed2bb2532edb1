"""Store the tables of Gogs in MySQL or MariaDB."""
