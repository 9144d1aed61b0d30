"""Measurements that the project holds itself to: `make bench`. How each is made stands in docs/bench.md."""
