"""Results as pictures and pages: a figure is an accessible SVG with its table; nothing is decided here."""
