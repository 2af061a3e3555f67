"""The truth table of cutover: what each region's metric says, and which region customers reach then.

`home` is the region of the primary failover record, `other` the other one. A metric is 1 while its region claims traffic, 0 while
it does not, None while Route 53 has no data of it: the region is gone, or does not publish. `before` is what the other region's
metric said last, which is what Route 53 goes by without data; None: there never was any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Metric = Literal[0, 1] | None


@dataclass(frozen=True, slots=True)
class Row:
    home: Metric
    other: Metric
    before: Metric
    serves: Literal["home", "other"]
    why: str


TABLE = (
    Row(0, 0, 0, "home", "nobody ever cut over, or all is home again and both regions know it"),
    Row(None, 0, 0, "home", "home is gone and nobody has decided yet: traffic moves by a decision only"),
    Row(None, 1, 0, "other", "home is gone, the other region's switch is thrown"),
    Row(0, 1, 0, "other", "home still runs, the other region's switch is thrown"),
    Row(None, None, 1, "other", "home is gone, and the metric of the serving region has a gap"),
    Row(0, None, 1, "other", "home runs, fenced, and the metric of the serving region has a gap"),
    Row(1, 1, 1, "home", "home took traffic back, the other region does not know it yet"),
    Row(1, None, 1, "home", "the other region is gone while it served, home took traffic back"),
    Row(1, 0, 1, "home", "home took traffic back, and the other region knows it"),
    Row(None, 1, 1, "other", "home is gone again after it took traffic back, the other region's switch is thrown"),
    Row(None, None, None, "home", "no metric has been published yet"),
    Row(0, None, 0, "home", "the other region is gone, and did not serve"),
    Row(None, None, 0, "home", "neither publishes, and the other region did not serve"),
)
