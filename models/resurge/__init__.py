"""Bayesian evidence synthesis of breast-cancer recurrence and resistance to therapy."""

__version__ = "0.1.0"
