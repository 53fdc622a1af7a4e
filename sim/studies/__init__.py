"""Questions: one module each, from what was asked to tables, figures and messages."""
