"""Networks of the API as addresses, endpoints and packet rules of the world."""
