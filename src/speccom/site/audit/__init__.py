"""Who did what, when and why: one table that is only added to, each row bound to the one before by its hash."""
