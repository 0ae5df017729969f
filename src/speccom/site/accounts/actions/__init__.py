"""What changes people and roles: each a function of keywords in one transaction, with its row of the audit."""
