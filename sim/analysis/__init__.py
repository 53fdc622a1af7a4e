"""What the outcomes say: calibration, comparison, sensitivity and the search of mixes."""
