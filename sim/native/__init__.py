"""Machine code: how it is compiled, where it is kept, and how it reaches into memory. Nothing here knows the model."""
