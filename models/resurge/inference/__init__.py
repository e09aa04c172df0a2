"""Inference: sample a model, judge the draws, store them, say whether they are fresh."""
