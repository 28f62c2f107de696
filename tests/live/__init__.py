"""`make live-test`: one paid render at the real HeyGen, the whole way, and what it tells of HeyGen's open questions."""
