"""Pure numpy: numbers in, numbers out; no scenario, no files, no printing."""
