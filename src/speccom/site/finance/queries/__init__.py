"""What the library is asked for a page of money, each answer remembered: one module for each subject."""
