"""Contract-monitoring files: their fields, their checks, their receipts; knows nothing of who pays."""
