"""A second application that differs from Gogs as much as a profile allows. It shows that the product is independent
of Gogs.
"""
