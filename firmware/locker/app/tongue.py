"""Brings in the texts of one language. Itself needed only then, and dropped after."""

from locker.app.boot_guard import drop

MODULES = ("text_en", "text_de", "text_fr", "text_es")


def load(language: int) -> "tuple[bytes, bytes]":
    """(texts, shapes of its own letters) of language 0..3: English, German, French, Spanish.
    Raises what a missing or damaged module does, and MemoryError.
    """
    try:
        if language == 1:
            from locker.core.text_de import GLYPHS, TEXTS
        elif language == 2:
            from locker.core.text_fr import GLYPHS, TEXTS
        elif language == 3:
            from locker.core.text_es import GLYPHS, TEXTS
        else:
            from locker.core.text_en import GLYPHS, TEXTS
    finally:  # only the two stay: the module costs 300 bytes beside them, and may be half loaded
        drop("core", MODULES[language])
    return TEXTS, GLYPHS
