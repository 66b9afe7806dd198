"""Records of CSV end with CRLF (RFC 4180, section 2.1); COPY ends them with LF, as any tool on the server would."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a file, with its records ended."""

    content: bytes
    records: int  # that end in it
    first_end: int  # where the first of them has ended, in bytes of `content`; 0 when none does


class RecordEnds:
    """Reads one file of COPY in pieces, cut anywhere. Line breaks inside quotes belong to their cell and stay.

    A quote inside quotes is doubled, so what stands outside is what an even number of quotes has gone before.
    """

    def __init__(self) -> None:
        self._is_quoted = False

    def read(self, piece: bytes) -> Piece:
        if not self._is_quoted and b'"' not in piece:
            return Piece(piece.replace(b"\n", b"\r\n"), piece.count(b"\n"), _first_end(piece))
        parts = piece.split(b'"')
        records, first_end, before = 0, 0, 0
        for at, part in enumerate(parts):
            if (at % 2 == 1) is self._is_quoted and (ended := part.count(b"\n")):
                first_end = first_end or before + _first_end(part)
                records += ended
                parts[at] = part.replace(b"\n", b"\r\n")
            before += len(part) + 1
        self._is_quoted ^= len(parts) % 2 == 0
        return Piece(b'"'.join(parts), records, first_end)


def _first_end(part: bytes) -> int:
    """One further than the LF: a CR comes before it."""
    at = part.find(b"\n")
    return at + 2 if at >= 0 else 0
