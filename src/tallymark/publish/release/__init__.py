"""A release: what is made public of a run after disclosure control, attacked before it is written."""

from tallymark.publish.release.making import WITHHELD, Attacked, Earlier, Release, disclosed

__all__ = ["WITHHELD", "Attacked", "Earlier", "Release", "disclosed"]
