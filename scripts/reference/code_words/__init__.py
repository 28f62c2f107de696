"""What each error code means and what to do about it, in words. Status and patience are read from the code itself."""

from scripts.reference.code_words import asking, working
from scripts.reference.code_words.words import Words

__all__ = ["CHAPTERS", "Words"]

CHAPTERS = {**asking.CHAPTERS, **working.CHAPTERS}
