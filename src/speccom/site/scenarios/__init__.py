"""Scenarios that organisations keep: who kept which, when and why."""
