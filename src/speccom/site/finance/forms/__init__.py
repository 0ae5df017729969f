"""Reads what was asked of money from an address: one module for each subject."""
