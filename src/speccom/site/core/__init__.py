"""What every page of the site rests on: the layout, words, tables, the register, refusals, health."""
