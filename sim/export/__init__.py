"""What leaves the program beside outcomes: stories and, later, event logs."""
