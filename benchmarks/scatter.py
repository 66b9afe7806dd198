"""A scatter plot on two logarithmic axes as an SVG file of our own, on light and on dark pages."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 460, 64, 130, 44, 52
_COLOURS = ("#3b82f6", "#ef4444", "#10b981", "#f59e0b", "#8b5cf6", "#06b6d4")  # each readable on white and on black
_STYLE = """<style>
.page { fill: #ffffff } text { fill: #111827 } .mark { fill: #4b5563 }
.line { stroke: #d1d5db } .fine { stroke: #f0f1f3 }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 } text { fill: #e5e7eb } .mark { fill: #9ca3af }
.line { stroke: #374151 } .fine { stroke: #1b222c }
}
</style>"""


def plot(title: str, x_name: str, y_name: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Each series in a colour and a shape of its own; all values are above 0."""
    points = [point for one in series.values() for point in one]
    xs, ys = (
        _Axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT),
        _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP),
    )
    middle = _HEIGHT / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        _STYLE,
        f'<rect class="page" width="{_WIDTH}" height="{_HEIGHT}"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
        *_grid(xs, ys),
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(x_name)}'
        " (logarithmic)</text>",
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{escape(y_name)}'
        " (logarithmic)</text>",
    ]
    for number, (name, one) in enumerate(series.items()):
        draw, colour = _SHAPES[number // len(_COLOURS) % len(_SHAPES)], _COLOURS[number % len(_COLOURS)]
        parts += [_mark(draw(xs.at(x), ys.at(y)), colour, 0.7) for x, y in one]
        height = _TOP + 10 + 20 * number
        parts.append(_mark(draw(_WIDTH - _RIGHT + 18, height), colour, 1))
        parts.append(f'<text x="{_WIDTH - _RIGHT + 28}" y="{height + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _mark(shape: str, colour: str, opacity: float) -> str:
    return f'<{shape} fill="{colour}" fill-opacity="{opacity:g}"/>'


def _circle(x: float, y: float) -> str:
    return f'circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"'


def _diamond(x: float, y: float) -> str:
    return f'path d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"'


def _triangle(x: float, y: float) -> str:
    return f'path d="M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z"'


_SHAPES: Sequence[Callable[[float, float], str]] = (_circle, _diamond, _triangle)


class _Axis:
    """From the decade of the least value to the first 1, 2 or 5 above the greatest, with a little room before."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self._low = math.floor(math.log10(min(values)))
        decade = math.floor(math.log10(max(values)))
        most = next(step * 10.0**decade for step in (1, 2, 5, 10) if step * 10.0**decade >= max(values))
        self._high = max(self._low + 1, math.log10(most))
        room = (end - begin) * 0.03  # what lies on the first line is not drawn over the axis
        self._begin, self._end = begin + room, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return self._begin + share * (self._end - self._begin)

    @property
    def marks(self) -> list[float]:
        return [10.0**power for power in range(self._low, math.floor(self._high) + 1)]

    @property
    def between(self) -> list[float]:
        found = [mark * step for mark in self.marks for step in range(2, 10)]
        return [mark for mark in found if math.log10(mark) <= self._high]


def _grid(xs: _Axis, ys: _Axis) -> list[str]:
    left, right = _LEFT, _WIDTH - _RIGHT
    top, bottom = _TOP, _HEIGHT - _BOTTOM
    parts = [_line("fine", xs.at(mark), top, xs.at(mark), bottom) for mark in xs.between]
    parts += [_line("fine", left, ys.at(mark), right, ys.at(mark)) for mark in ys.between]
    for mark in xs.marks:
        at = xs.at(mark)
        parts.append(_line("line", at, top, at, bottom))
        parts.append(f'<text class="mark" x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{mark:g}</text>')
    for mark in ys.marks:
        at = ys.at(mark)
        parts.append(_line("line", left, at, right, at))
        parts.append(f'<text class="mark" x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{mark:g}</text>')
    return parts


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
