"""Benchmarks: ratios against peers in the same run, never timed tests."""
