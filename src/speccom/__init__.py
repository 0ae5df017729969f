"""Speccom: who commissions each specialised service, who pays for each line, and why."""
