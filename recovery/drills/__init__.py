"""Drills: planning one, exercising its route, tearing down what it made, keeping its record, and what is unproved without one.

The functions of the drill's workflow run this; nothing here needs more than boto3.
"""
