"""Work in the background: what a person need not wait for, done by a process of its own (`speccom work`)."""
