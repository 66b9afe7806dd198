"""Figures over time as an SVG file of our own: a panel per scenario, shaded where something was broken."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tests.chaos.report.finding import Points

_WIDTH, _LEFT, _RIGHT, _TOP, _PANEL, _GAP, _BOTTOM = 760, 56, 20, 40, 104, 34, 40
_COLOURS = ("#3b82f6", "#ef4444", "#10b981")  # each readable on white and on black
_STYLE = """<style>
.page { fill: #ffffff } text { fill: #111827 } .mark { fill: #4b5563 }
.line { stroke: #d1d5db } .limit { stroke: #6b7280; stroke-dasharray: 5 3 } .fault { fill: #f59e0b; fill-opacity: 0.35 }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 } text { fill: #e5e7eb } .mark { fill: #9ca3af }
.line { stroke: #374151 } .limit { stroke: #9ca3af }
}
</style>"""


@dataclass(frozen=True, slots=True)
class Panel:
    """`faults`: from when to when, in seconds; one without a length is a moment."""

    title: str
    lines: Mapping[str, Points]
    faults: Sequence[tuple[float, float]] = ()
    limit: float | None = None


def plot(title: str, y_name: str, panels: Sequence[Panel]) -> str:
    """All panels share the axis of seconds."""
    height = _TOP + len(panels) * (_PANEL + _GAP) + _BOTTOM
    seconds = max((x for panel in panels for line in panel.lines.values() for x, _ in line), default=1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        _STYLE,
        f'<rect class="page" width="{_WIDTH}" height="{height}"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, _TOP + 16 + number * (_PANEL + _GAP), seconds)
    base = _TOP + 16 + len(panels) * (_PANEL + _GAP) - _GAP
    step = _step(seconds, 8)
    for mark in _marks(seconds, step):
        at = _x(mark, seconds)
        parts.append(f'<text class="mark" x="{at:.1f}" y="{base + 16}" text-anchor="middle">{mark:g}</text>')
    parts.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{base + 34}" text-anchor="middle">seconds</text>')
    middle = _TOP + (base - _TOP) / 2
    parts.append(
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(y_name)}</text>'
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel, top: float, seconds: float) -> list[str]:
    most = max([y for line in panel.lines.values() for _, y in line] + [panel.limit or 1.0])
    step = _step(most, 3)
    most = math.ceil(most * 1.05 / step) * step
    bottom = top + _PANEL
    parts = [f'<text x="{_LEFT}" y="{top - 6}">{escape(panel.title)}</text>']
    for mark in _marks(most, step):
        y = bottom - mark / most * _PANEL
        parts.append(f'<line class="line" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text class="mark" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{mark:g}</text>')
    for begin, end in panel.faults:
        x = _x(begin, seconds)
        width = max(3.0, _x(end, seconds) - x)
        parts.append(f'<rect class="fault" x="{x:.1f}" y="{top}" width="{width:.1f}" height="{_PANEL}"/>')
    if panel.limit is not None:
        y = bottom - panel.limit / most * _PANEL
        parts.append(f'<line class="limit" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>')
    for number, (name, line) in enumerate(panel.lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{_x(x, seconds):.1f},{bottom - y / most * _PANEL:.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
        if len(panel.lines) > 1:
            x = _WIDTH - _RIGHT - 110 * (len(panel.lines) - number)
            parts.append(f'<rect x="{x}" y="{top - 15}" width="10" height="10" fill="{colour}"/>')
            parts.append(f'<text x="{x + 14}" y="{top - 6}">{escape(name)}</text>')
    return parts


def _x(at: float, seconds: float) -> float:
    return _LEFT + at / seconds * (_WIDTH - _LEFT - _RIGHT)


def _step(most: float, parts: int) -> float:
    """1, 2 or 5 times a power of ten: about so many parts."""
    decade = 10.0 ** math.floor(math.log10(most / parts))
    return next(step * decade for step in (1, 2, 5, 10) if step * decade * parts >= most)


def _marks(most: float, step: float) -> list[float]:
    return [step * number for number in range(math.floor(most / step + 1e-9) + 1)]
