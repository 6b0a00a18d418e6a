"""Mixes of all kinds at the declared rate of alarms, kind by kind, beside the best that anybody could do in the same mix.

Run: python -m bench.verification_mixes [--share 0.35] [--alike 2] SEED … — ten seconds of CPU a seed; prints the table of
docs/verification.md. Share: of units with a fault; alike: how near all kinds are to being as frequent.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator

from bench.verification import MIXES, ROOT, covers, hits, looked, per_cent, values_of, world_of
from bench.verification_ceiling import mix_ceiling, ratios_of
from tallymark.programme.load import load
from tallymark.simulate.gaming import true_reports
from tallymark.simulate.mixes import plant_mix


def lines(seeds: list[int], share: float, alike: float) -> Iterator[str]:
    """The table."""
    patterns = load(ROOT / "programmes" / "demo").patterns
    assert patterns is not None
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    honest = values = told = false = 0
    for seed in seeds:
        world = world_of(seed)
        true = true_reports(world)
        ratios, number = ratios_of(world, true), values_of(true)
        honest, values = honest + len(looked(true, patterns)), values + number
        for mix in range(MIXES):
            given, planted = plant_mix(true, seed=seed + 1000 * mix, share=share, alike=alike)
            odds = looked(given, patterns)
            best = mix_ceiling(ratios, number, ratios_of(world, given), given, planted)
            for one, hit, could in zip(planted, hits(odds, planted), best, strict=True):
                found[one[0].kind].append((hit, could))
            figures = [fault for one in planted for fault in one]
            told += len(odds)
            false += sum(not any(covers(odd, fault) for fault in figures) for odd in odds)
    yield f"{1000 * honest / values:.2f} false alarms per 1,000 honest values; {per_cent(told - false, told)} of the findings point at something planted."
    yield from ("", "| what was done | planted | found | at best |", "|---|---:|---:|---:|")
    every = [pair for pairs in found.values() for pair in pairs]
    for kind, pairs in [*sorted(found.items()), ("**all**", every)]:
        hit, could = (sum(pair[at] for pair in pairs) for at in (0, 1))
        yield f"| {kind} | {len(pairs)} | {per_cent(hit, len(pairs))} | {per_cent(could, len(pairs))} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("seeds", nargs="*", type=int, default=[401, 402, 403, 404])
    parser.add_argument("--share", type=float, default=0.35)
    parser.add_argument("--alike", type=float, default=2.0)
    asked = parser.parse_args()
    print("\n".join(lines(asked.seeds, asked.share, asked.alike)))
