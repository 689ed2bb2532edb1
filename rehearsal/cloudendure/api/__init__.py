"""Handle the console's HTTP requests, one module for each subject; each has `register(api, console)`."""
