"""Whether a system is ready to take on delegation: eight tests, who assesses them in which order, what is due."""
