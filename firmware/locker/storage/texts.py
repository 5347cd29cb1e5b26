"""The display's texts, read from flash when they are shown: no language costs heap.

One file a language, as lockerctl.texts writes it: for each message that is varied, the message to
show by fault number; the shapes of its letters; then every message in as many bytes. Filled up
with 0xFF, but never at its beginning: see storage.shred.
"""

from locker.core.messages import FAULTS, LANGUAGES, SHAPES_BYTES, TEXT_BYTES, VARIED

_FILL = b"\xff"
_BARE = b"{t} E{e}"  # what can still be said when the flash cannot be read


def shapes(folder: str, language: int) -> bytes:
    """Eight bytes a letter. OSError when the station does not have that language."""
    with open(folder + LANGUAGES[language], "rb") as file:
        file.seek(VARIED * FAULTS)
        found: bytes = file.read(SHAPES_BYTES)
    return found.rstrip(_FILL)


def text(folder: str, language: int, message: int, fault: int = 0) -> bytes:
    """A message with its placeholders. folder ends with a slash. Never raises OSError."""
    try:
        with open(folder + LANGUAGES[language], "rb") as file:
            if message < VARIED and fault < FAULTS:
                file.seek(message * FAULTS + fault)
                message = file.read(1)[0]
            file.seek(VARIED * FAULTS + SHAPES_BYTES + message * TEXT_BYTES)
            found: bytes = file.read(TEXT_BYTES)
    except OSError as error:
        print("text not read:", error)
        return _BARE
    return found.rstrip(_FILL)
