"""Decisions in the making: drafted, previewed, approved by two, adopted, and amended by later ones."""
