"""Calibration: what do measured rows say about the parameters of the model?"""
