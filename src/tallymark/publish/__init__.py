"""A run as public pages: a static site, a workbook and open data, in English and Chinese."""

from tallymark.publish.site import Site, must_be_free, publish

__all__ = ["Site", "must_be_free", "publish"]
