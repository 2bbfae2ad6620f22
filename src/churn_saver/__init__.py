"""Churn-Saver: decide whom to contact, when, with which discount, and keep what was promised."""

__version__ = "0.1.0"
