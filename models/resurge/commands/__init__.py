"""Commands, a module for each kind of question; :mod:`resurge.cli` registers them."""
