"""The whole firmware in virtual time: what a seed plays against it, and what must hold."""
