"""The settings of app.ini, parsed as Gogs 0.14 parses them."""
