"""SSM: Run Command on real machines, and the public parameter of the stock image."""
