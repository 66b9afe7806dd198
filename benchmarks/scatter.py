"""A scatter plot on two logarithmic axes as an SVG file of our own."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 460, 64, 130, 44, 52
_COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4b5563")


def plot(title: str, x_name: str, y_name: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Each series in a colour of its own; all values are above 0."""
    points = [point for one in series.values() for point in one]
    xs, ys = (
        _Axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT),
        _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP),
    )
    middle = _HEIGHT / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#111827">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
        *_grid(xs, ys),
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(x_name)}</text>',
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{escape(y_name)}</text>',
    ]
    for number, (name, one) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        parts += [
            f'<circle cx="{xs.at(x):.1f}" cy="{ys.at(y):.1f}" r="3.5" fill="{colour}" fill-opacity="0.65"/>'
            for x, y in one
        ]
        height = _TOP + 10 + 20 * number
        parts.append(f'<circle cx="{_WIDTH - _RIGHT + 18}" cy="{height}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{_WIDTH - _RIGHT + 28}" y="{height + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """Whole decades from the least to the greatest value."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self.low = math.floor(math.log10(min(values)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(values))))
        self._begin, self._end = begin, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self._begin + share * (self._end - self._begin)

    @property
    def marks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def _grid(xs: _Axis, ys: _Axis) -> list[str]:
    left, right = _LEFT, _WIDTH - _RIGHT
    top, bottom = _TOP, _HEIGHT - _BOTTOM
    parts = []
    for mark in xs.marks:
        at = f"{xs.at(mark):.1f}"
        parts.append(f'<line x1="{at}" y1="{top}" x2="{at}" y2="{bottom}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{at}" y="{bottom + 18}" text-anchor="middle" fill="#4b5563">{mark:g}</text>')
    for mark in ys.marks:
        at = f"{ys.at(mark):.1f}"
        parts.append(f'<line x1="{left}" y1="{at}" x2="{right}" y2="{at}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{left - 8}" y="{ys.at(mark) + 4:.1f}" text-anchor="end" fill="#4b5563">{mark:g}</text>')
    return parts
