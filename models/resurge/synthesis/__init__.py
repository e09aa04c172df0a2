"""Synthesis: the models, their priors, and the mathematics they share."""
