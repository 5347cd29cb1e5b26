"""The letters that a display does not have, as a person sees them. Host side only.

The character set of HD44780 displays differs by maker beyond ASCII, but eight characters can be
given to every one of them: 5 columns, 8 rows, the lowest left free for most letters.
"""

LIMIT = 8  # that a display holds at a time, and so one language may use

# fmt: off
_DRAWN = {
    "ä": ".#.#. ..... .###. ....# .#### #...# .#### .....",
    "á": "...#. ..#.. .###. ....# .#### #...# .#### .....",
    "à": ".#... ..#.. .###. ....# .#### #...# .#### .....",
    "ç": "..... ..... .###. #.... #.... #...# .###. ..#..",
    "é": "...#. ..#.. .###. #...# ##### #.... .###. .....",
    "è": ".#... ..#.. .###. #...# ##### #.... .###. .....",
    "ê": "..#.. .#.#. .###. #...# ##### #.... .###. .....",
    "í": "...#. ..#.. ..... .##.. ..#.. ..#.. .###. .....",
    "ñ": ".##.# #.##. ..... #.##. ##..# #...# #...# .....",
    "ö": ".#.#. ..... .###. #...# #...# #...# .###. .....",
    "ó": "...#. ..#.. .###. #...# #...# #...# .###. .....",
    "ü": ".#.#. ..... #...# #...# #...# #..## .##.# .....",
    "ú": "...#. ..#.. #...# #...# #...# #..## .##.# .....",
    "ß": ".##.. #..#. #..#. #.##. #...# #...# #.##. .....",
    "¿": "..#.. ..... ..#.. .#... #.... #...# .###. .....",
}
# fmt: on


def rows(letter: str) -> bytes:
    """The eight rows of a letter, five bits each, the leftmost pixel highest. KeyError for a
    letter that was never drawn.
    """
    bits = str.maketrans(".#", "01")
    return bytes(int(row.translate(bits), 2) for row in _DRAWN[letter].split())


BY_ROWS = {rows(letter): letter for letter in _DRAWN}
