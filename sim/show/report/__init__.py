"""Documents about a place or a result, made from the data."""
