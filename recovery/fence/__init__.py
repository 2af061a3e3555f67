"""Fences: of a store, so that nothing is written to the old one; of a region, so that it does not serve beside the other."""
