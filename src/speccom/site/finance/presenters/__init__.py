"""Words, tables and pictures of the pages of money: one module for each subject."""
