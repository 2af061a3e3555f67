"""The routes that bring one store back: a state machine each, of the same steps in the same order
(`strategy.catalogue.routes`).
"""
