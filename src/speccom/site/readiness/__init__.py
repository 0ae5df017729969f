"""Assessments of systems: what board, region and panel say of the eight tests, with evidence, risks and a plan."""
