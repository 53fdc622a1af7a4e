"""What leaves the program beside outcomes: stories and event logs."""
