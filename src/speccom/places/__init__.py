"""Where people are registered and where boards lie: GP practices and boundaries, which a user imports.

Speccom ships neither. Both are read from the files that their publishers give out, checked against the
register, and kept small in the workspace's `reference` directory.
"""
