"""MySQL 8 and MariaDB, as the source's server, as RDS, and what is compared between them."""
