"""Flows, variation, volatility and tiers from the ledger's summaries; knows no page, no command and no Django."""
