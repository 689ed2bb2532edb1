"""The ledger client: users of the site who write all the time, and keep a ledger of what was acknowledged to them."""
