"""Checking what came back: the functions that read restored data, and the steps that call them."""
