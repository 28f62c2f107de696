"""Whether an MP4 that streams by is whole: it is a row of boxes, and each says how long it is (ISO 14496-12, 4.2)."""

LENGTH, LONG_LENGTH = 8, 16  # of a box's header, which is a part of the box
TO_THE_END, LONG = 0, 1  # lengths with a meaning of their own


class Boxes:
    """Follows the outermost boxes. It needs no more memory than one header, and trusts no bytes behind the last box."""

    def __init__(self) -> None:
        self._header = bytearray()
        self._rest: int | None = 0  # of the box that is open; None: it goes to the end of the file
        self.has_film = False

    @property
    def missing(self) -> int:
        """How many bytes the last box promises and the file has not."""
        return self._rest or 0

    def feed(self, piece: bytes) -> None:
        """The next bytes of the file."""
        at = 0
        while self._rest is not None and at < len(piece):
            if self._rest:
                passed = min(self._rest, len(piece) - at)
                self._rest -= passed
            else:
                passed = self._read_header(piece[at : at + LONG_LENGTH])
            at += passed

    def _read_header(self, found: bytes) -> int:
        """Take what the header still needs of *found*; returns how much that was."""
        needed = LENGTH if len(self._header) < LENGTH else LONG_LENGTH
        taken = found[: needed - len(self._header)]
        self._header += taken
        if len(self._header) == needed:
            length = int.from_bytes(self._header[:4], "big")
            if length != LONG or needed == LONG_LENGTH:
                self._open(bytes(self._header[4:8]), length)
        return len(taken)

    def _open(self, name: bytes, length: int) -> None:
        if length == LONG:
            length = int.from_bytes(self._header[LENGTH:], "big")
        behind = length - len(self._header)
        self._header.clear()
        self.has_film = self.has_film or name == b"moov"
        # What is named like no box is not one, but something that somebody put behind the film.
        is_box = name.isascii() and bytes(name).decode("latin-1").isprintable() and behind >= 0
        self._rest = behind if is_box and length != TO_THE_END else None
