"""Multipliers that split five-year groups into single years: published tables, as matrices.

A row is a single year of a group, a column a group. The first two groups use the first five; a middle group those two
below to two above; the last two mirror the first (Shryock and Siegel 1973, appendix C; Beers 1945; Grabill 1971).
"""

from __future__ import annotations

import numpy as np

from tallymark.population.arrays import Floats, choose

Panel = tuple[list[list[float]], list[list[float]]]

_SPRAGUE: Panel = (
    [
        [0.3616, -0.2768, 0.1488, -0.0336, 0.0],
        [0.2640, -0.0960, 0.0400, -0.0080, 0.0],
        [0.1840, 0.0400, -0.0320, 0.0080, 0.0],
        [0.1200, 0.1360, -0.0720, 0.0160, 0.0],
        [0.0704, 0.1968, -0.0848, 0.0176, 0.0],
        [0.0336, 0.2272, -0.0752, 0.0144, 0.0],
        [0.0080, 0.2320, -0.0480, 0.0080, 0.0],
        [-0.0080, 0.2160, -0.0080, 0.0, 0.0],
        [-0.0160, 0.1840, 0.0400, -0.0080, 0.0],
        [-0.0176, 0.1408, 0.0912, -0.0144, 0.0],
    ],
    [
        [-0.0128, 0.0848, 0.1504, -0.0240, 0.0016],
        [-0.0016, 0.0144, 0.2224, -0.0416, 0.0064],
        [0.0064, -0.0336, 0.2544, -0.0336, 0.0064],
    ],
)
_BEERS: Panel = (
    [
        [0.3333, -0.1636, -0.0210, 0.0796, -0.0283],
        [0.2595, -0.0780, 0.0130, 0.0100, -0.0045],
        [0.1924, 0.0064, 0.0184, -0.0256, 0.0084],
        [0.1329, 0.0844, 0.0054, -0.0356, 0.0129],
        [0.0819, 0.1508, -0.0158, -0.0284, 0.0115],
        [0.0404, 0.2000, -0.0344, -0.0128, 0.0068],
        [0.0093, 0.2268, -0.0402, 0.0028, 0.0013],
        [-0.0108, 0.2272, -0.0248, 0.0112, -0.0028],
        [-0.0198, 0.1992, 0.0172, 0.0072, -0.0038],
        [-0.0191, 0.1468, 0.0822, -0.0084, -0.0015],
    ],
    [
        [-0.0117, 0.0804, 0.1570, -0.0284, 0.0027],
        [-0.0020, 0.0160, 0.2200, -0.0400, 0.0060],
        [0.0050, -0.0280, 0.2460, -0.0280, 0.0050],
    ],
)
_BEERS_MODIFIED: Panel = (
    [
        [0.3332, -0.1938, 0.0702, -0.0118, 0.0022],
        [0.2569, -0.0753, 0.0205, -0.0027, 0.0006],
        [0.1903, 0.0216, -0.0146, 0.0032, -0.0005],
        [0.1334, 0.0969, -0.0351, 0.0059, -0.0011],
        [0.0862, 0.1506, -0.0410, 0.0054, -0.0012],
        [0.0486, 0.1831, -0.0329, 0.0021, -0.0009],
        [0.0203, 0.1955, -0.0123, -0.0031, -0.0004],
        [0.0008, 0.1893, 0.0193, -0.0097, 0.0003],
        [-0.0108, 0.1677, 0.0577, -0.0153, 0.0007],
        [-0.0159, 0.1354, 0.0972, -0.0170, 0.0003],
    ],
    [
        [-0.0160, 0.0973, 0.1321, -0.0121, -0.0013],
        [-0.0129, 0.0590, 0.1564, 0.0018, -0.0043],
        [-0.0085, 0.0260, 0.1650, 0.0260, -0.0085],
    ],
)
_GRABILL_MIDDLE = [
    [0.0111, 0.0816, 0.0826, 0.0256, -0.0009],
    [0.0049, 0.0673, 0.0903, 0.0377, -0.0002],
    [0.0015, 0.0519, 0.0932, 0.0519, 0.0015],
]
PANELS = {"sprague": _SPRAGUE, "beers": _BEERS, "beers-modified": _BEERS_MODIFIED}


def expansion(method: str, groups: int) -> Floats:
    """Matrix (single years, groups) of a method for closed five-year groups."""
    ends, half = choose(PANELS, method, "method")
    return _laid_out(np.array(ends), _mirrored(half), groups)


def grabill(groups: int) -> Floats:
    """Grabill's matrix: as if there were nothing beyond either end."""
    middle = _mirrored(_GRABILL_MIDDLE)
    ends = np.zeros((10, 5))
    ends[:5, :3], ends[5:, :4] = middle[:, 2:], middle[:, 1:]
    return _laid_out(ends, middle, groups)


def _mirrored(half: list[list[float]]) -> Floats:
    """The five rows of a middle group, of which the last two are the first two turned round."""
    rows = np.array(half)
    return np.vstack([rows, rows[1::-1, ::-1]])


def _laid_out(ends: Floats, middle: Floats, groups: int) -> Floats:
    if groups < 5:
        raise ValueError(
            f"these multipliers need five closed five-year groups or more, and there are {groups}"
        )
    found = np.zeros((5 * groups, groups))
    found[:10, :5] = ends
    for group in range(2, groups - 2):
        found[5 * group : 5 * group + 5, group - 2 : group + 3] = middle
    found[-10:, -5:] = ends[::-1, ::-1]
    return found
