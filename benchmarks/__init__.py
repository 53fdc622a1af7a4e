"""Speed, measured: `python -m benchmarks`. Not part of the program and not installed with it."""
