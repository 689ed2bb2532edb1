"""The commands of the program: web, serv, hook, admin."""
