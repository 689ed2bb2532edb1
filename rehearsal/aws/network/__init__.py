"""What the API says about networks, as addresses, endpoints and packet rules of the world."""
