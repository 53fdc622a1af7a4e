"""The command line, run as a user runs it; `terminal.py` says when in a process of its own."""
