"""What the strategy costs in a month, line by line: store, region, rule, the sum in words, and the price with its source.

Pure: prices are data (`prices.toml`), sizes and schedules are the strategy's, and what nobody can know ahead is an assumption
with a name (`assumptions`). AWS's own bill is the judge: `python -m recovery cost --actual`.
"""

from strategy.cost.assumptions import Assumptions
from strategy.cost.lines import Line, Purpose
from strategy.cost.monthly import Cost, monthly
from strategy.cost.prices import NoPrice, Price, Prices

__all__ = ["Assumptions", "Cost", "Line", "NoPrice", "Price", "Prices", "Purpose", "monthly"]
