"""Records of the network in the shape in which the API of EC2 returns them."""
