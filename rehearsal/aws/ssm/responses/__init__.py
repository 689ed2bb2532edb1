"""Records of Systems Manager in the shape in which its API returns them."""
