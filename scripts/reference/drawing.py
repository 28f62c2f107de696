"""States and the ways between them as a picture (SVG) that reads in light and in dark, without a script or a font."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 128, 44
GAP_X, GAP_Y = 52, 66
MARGIN = 40
STYLE = """
    svg { font: 15px system-ui, sans-serif; }
    rect { fill: #f5f3ee; stroke: #57534e; }
    text { fill: #1c1917; text-anchor: middle; dominant-baseline: central; }
    .word { font-size: 12px; fill: #57534e; text-anchor: start; }
    path { fill: none; stroke: #57534e; stroke-width: 1.5; marker-end: url(#end); }
    marker path { fill: #57534e; stroke: none; }
    .final rect { stroke-width: 3; }
    @media (prefers-color-scheme: dark) {
      rect { fill: #292524; stroke: #a8a29e; }
      text { fill: #fafaf9; }
      .word { fill: #a8a29e; }
      path { stroke: #a8a29e; }
      marker path { fill: #a8a29e; }
    }
"""


@dataclass(frozen=True)
class Drawing:
    """What is drawn: where each state stands (column, row), the ways, words at some of them, and what is final."""

    title: str
    places: Mapping[str, tuple[int, int]]
    ways: Sequence[tuple[str, str]]
    words: Mapping[tuple[str, str], str]
    final: frozenset[str]

    def svg(self) -> str:
        """The picture. Raises *KeyError* for a way to a state that has no place."""
        columns = 1 + max(column for column, _ in self.places.values())
        rows = 1 + max(row for _, row in self.places.values())
        width = 2 * MARGIN + columns * WIDTH + (columns - 1) * GAP_X
        height = 2 * MARGIN + rows * HEIGHT + (rows - 1) * GAP_Y
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
            f"  <title>{escape(self.title)}</title>",
            f"  <style>{STYLE}  </style>",
            '  <marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
            '    <path d="M0 0 L8 4 L0 8 z"/>',
            "  </marker>",
            *(f"  {one}" for way in self.ways for one in self._way(*way)),
            *(f"  {self._state(name)}" for name in self.places),
            "</svg>\n",
        ])  # fmt: skip

    def _middle(self, name: str) -> tuple[float, float]:
        column, row = self.places[name]
        return MARGIN + column * (WIDTH + GAP_X) + WIDTH / 2, MARGIN + row * (HEIGHT + GAP_Y) + HEIGHT / 2

    def _state(self, name: str) -> str:
        x, y = self._middle(name)
        kind = ' class="final"' if name in self.final else ""
        box = f'<rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        return f'<g{kind}>{box}<text x="{x:g}" y="{y:g}">{escape(name)}</text></g>'

    def _way(self, one: str, other: str) -> Iterator[str]:
        (x, y), (to_x, to_y) = self._middle(one), self._middle(other)
        back = (other, one) in self.ways
        if y == to_y and abs(to_x - x) > WIDTH + GAP_X:  # over what stands between
            top = y - HEIGHT / 2
            line = f"M{x:g} {top:g} C{x + 40:g} {top - 34:g} {to_x - 40:g} {top - 34:g} {to_x:g} {top:g}"
            at = (x + to_x) / 2, top - 33
        elif y == to_y:
            side = WIDTH / 2 if to_x > x else -WIDTH / 2
            aside = (9 if to_x < x else -9) if back else 0
            line = f"M{x + side:g} {y + aside:g} L{to_x - side:g} {y + aside:g}"
            at = (x + to_x) / 2, y + aside - 8
        else:
            side = HEIGHT / 2 if to_y > y else -HEIGHT / 2
            aside = (14 if to_y < y else -14) if back else 0
            lean = (to_x > x) - (to_x < x)
            line = f"M{x + lean * 30 + aside:g} {y + side:g} L{to_x - lean * 30 + aside:g} {to_y - side:g}"
            at = (x + to_x) / 2 + aside + 10, (y + to_y) / 2 + 4
        yield f'<path d="{line}"><title>{escape(one)} → {escape(other)}</title></path>'
        if word := self.words.get((one, other)):
            yield f'<text class="word" x="{at[0]:g}" y="{at[1]:g}">{escape(word)}</text>'
