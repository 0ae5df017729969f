"""Which service lines suit leadership by integrated care boards and which are ready: measured and recommended."""
