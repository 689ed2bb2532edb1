"""A second application, as unlike Gogs as a profile allows: the cheapest proof that the rest of the product knows none of them."""
