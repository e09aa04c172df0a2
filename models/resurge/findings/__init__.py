"""Findings: posteriors turned into answers, as labelled draws."""
