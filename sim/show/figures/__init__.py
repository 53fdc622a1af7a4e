"""Figures of a run, drawn with matplotlib, and the font that they are set in."""
