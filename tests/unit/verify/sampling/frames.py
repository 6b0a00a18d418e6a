"""Small frames to draw from."""

from __future__ import annotations

from tallymark.verify.sampling.designs import Design
from tallymark.verify.sampling.frame import Frame, frame_of


def small(units: int = 24, strata: int = 3, clusters: int = 6) -> Frame:
    """Units with uneven sizes, strata and clusters."""
    rows = [
        {"unit": f"V{at:02}", "stratum": f"T{min(at // 5, strata - 1)}", "cluster": f"C{min(at // 3, clusters - 1)}", "size": str(50 + (at * 37) % 90)}
        for at in range(units)
    ]  # fmt: skip
    return frame_of(rows, "small")


DESIGNS = (
    Design("simple", 5),
    Design("stratified", 9),
    Design("stratified", 9, allocation="size"),
    Design("stratified", 8, allocation="equal"),
    Design("pps", 6),
    Design("clusters", 3, per=2),
    Design("lots", 3),
)
