"""The acceptance suite: what a launched site must do before anybody relies on it. One module per check."""
