"""Handle the actions of EC2 about instances, images and consoles."""
