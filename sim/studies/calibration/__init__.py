"""Calibration: what reported figures say of the parameters, and what they cannot say."""
