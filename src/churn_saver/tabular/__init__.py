"""System 1: calibrated churn risk and offer acceptance."""
