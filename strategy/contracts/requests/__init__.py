"""Requests that are made of a Strategy, at synth or by a person's command. They need pydantic: no Lambda function reads these.

They name no other region than their own, since they stand in the recovery region's templates, and depend on no clock, so that a
synthesis tomorrow is the same.
"""
