"""Everything that turns a study into something seen: text, figures, reports."""
