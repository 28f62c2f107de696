"""Bars with their spread, as an SVG that reads well on light and dark pages."""

from collections.abc import Mapping
from html import escape

from bench.kit.rounds import Spread

WIDTH, LABEL, VALUE, ROW, TOP = 760, 250, 90, 34, 48
STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1f2933 } .title { font-weight: 600 }
.bar { fill: #3b6fd4 } .spread { stroke: #1f2933; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) { text { fill: #e4e7eb } .bar { fill: #7aa2f0 } .spread { stroke: #e4e7eb } }
"""


def bars(title: str, spreads: Mapping[str, Spread]) -> str:
    """A bar for each median, with a line from the least to the most."""
    longest = max((one.most for one in spreads.values()), default=1.0) or 1.0
    scale = (WIDTH - LABEL - VALUE) / longest
    rows = "".join(_row(number, name, one, scale) for number, (name, one) in enumerate(spreads.items()))
    height = TOP + ROW * len(spreads) + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"
        f'<text class="title" x="8" y="26">{escape(title)}</text>\n{rows}</svg>\n'
    )


def _row(number: int, name: str, spread: Spread, scale: float) -> str:
    top = TOP + ROW * number
    middle = top + 11
    least, most = (LABEL + value * scale for value in (spread.least, spread.most))
    shown = f"{spread.median:,.0f}" if spread.median >= 100 else f"{spread.median:.3g}"
    return (
        f'<text x="{LABEL - 10}" y="{middle + 5}" text-anchor="end">{escape(name)}</text>\n'
        f'<rect class="bar" x="{LABEL}" y="{top}" width="{spread.median * scale:.1f}" height="22" rx="3"/>\n'
        f'<path class="spread" d="M{least:.1f} {middle}H{most:.1f}m0-5v10M{least:.1f} {middle - 5}v10"/>\n'
        f'<text x="{most + 8:.1f}" y="{middle + 5}">{shown}</text>\n'
    )
