"""The behaviour of Gogs on a machine: settings, background work, webhooks, hooks, sign-in."""
