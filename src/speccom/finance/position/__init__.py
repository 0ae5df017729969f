"""What has been spent against plan and budget, what a year will come to, what is due under each contract form,
and the risks in it. Knows the ledger and imported budgets and contracts; draws and writes nothing."""
