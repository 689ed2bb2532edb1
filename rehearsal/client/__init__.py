"""The ledger client: users of the site who never stop writing, and who remember what was acknowledged to them."""
