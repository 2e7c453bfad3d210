"""Calibration of the unwanted effects by mechanism: reports of how often they came, against the risk engine."""
