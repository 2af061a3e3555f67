"""Simulated resource types, one module per service. Importing a module registers its types."""
