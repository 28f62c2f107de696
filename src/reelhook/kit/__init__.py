"""Building blocks that know nothing of Reelhook: clock, ids, backoff, rate limit, sealing, guarded HTTP.

Each module offers one idea; import what you need from it by name.
"""
