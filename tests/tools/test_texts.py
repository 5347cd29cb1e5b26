"""What the display says: one table, every language, everything fits."""

from itertools import product

import pytest

from locker.app import tongue
from locker.core import glyphs, messages, settings
from locker.core.phrases import PHRASES
from tools import texts

NAMES = {
    number: name
    for name, number in vars(messages).items()
    if name.isupper() and not name.startswith("_") and isinstance(number, int)
}
LONGEST = {"d": 24, "e": 99, "s": 30, "t": "0123456789abcdef"}
KEPT = ("{d}", "{e}", "{s}", "{t}", "#", "*", "1", "2", "3")
# Shorter values that come beside other text.
BESIDE = {
    messages.CONFIRM: "1",
    messages.CLOCK_SET: "23:59",
    messages.SERVICE: "24",
    messages.SERVICE_DOOR: "E29 full",
}
EVERY = [(number, language) for number, language in product(NAMES, settings.LANGUAGES)]


def name(case: object) -> str:
    return NAMES[case] if isinstance(case, int) else str(case)


def text(number: int, language: str) -> str:
    """Empty where the translation is missing."""
    return dict(zip(settings.LANGUAGES, PHRASES[number], strict=False)).get(language, "")


def test_every_message_has_a_row_and_every_row_a_message() -> None:
    missing = [NAMES[number] for number in NAMES if number not in PHRASES]
    assert not missing, f"no text in core/phrases.py for messages.{', messages.'.join(missing)}"
    assert sorted(PHRASES) == sorted(NAMES) == list(range(len(NAMES)))


def test_no_translation_is_missing() -> None:
    missing = [
        f"messages.{NAMES[number]} has no text in {language!r}: add it in core/phrases.py"
        for number, language in EVERY
        if not text(number, language)
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize(("number", "language"), EVERY, ids=name)
def test_every_text_fits_the_small_display_with_the_longest_values(
    number: int, language: str
) -> None:
    values = LONGEST | {"t": BESIDE.get(number, LONGEST["t"])}
    lines = text(number, language).format(**values).split("\n")
    assert len(lines) <= 4
    assert [line for line in lines if len(line) > 16] == []
    shown = [line for turn in range(2) for line in messages.page(lines, 2, turn)]
    assert all(line in shown for line in lines)


@pytest.mark.parametrize("number", NAMES, ids=name)
def test_translations_keep_the_values_and_the_keys_of_the_english_text(number: int) -> None:
    def kept(language: str) -> set[str]:
        return {part for part in KEPT if part in text(number, language)}

    assert all(kept(language) == kept("en") for language in settings.LANGUAGES)


def test_no_language_uses_more_letters_than_a_display_takes() -> None:
    for language in settings.LANGUAGES:
        used = {c for number in PHRASES for c in text(number, language) if not c.isascii()}
        assert len(used) <= glyphs.LIMIT, f"{language}: {sorted(used)}"


def test_plain_text_is_what_every_display_shows_alike() -> None:
    for number, language in EVERY:
        odd = {c for c in text(number, language) if c.isascii() and not " " <= c <= "}"}
        assert odd <= {"\n"} and "\\" not in text(number, language)


def test_the_modules_are_as_the_table_says() -> None:
    old = [path.name for path, made in texts.modules().items() if path.read_text() != made]
    assert not old, f"python -m tools.texts writes {old} anew"


def test_station_and_settings_number_the_languages_alike() -> None:
    assert tuple("text_" + language for language in settings.LANGUAGES) == tongue.MODULES


@pytest.mark.parametrize("language", settings.LANGUAGES)
def test_the_station_s_lines_are_the_table_s(language: str) -> None:
    loaded, shapes = tongue.load(settings.LANGUAGES.index(language))
    letters = {chr(i): glyphs.BY_ROWS[shapes[i * 8 : i * 8 + 8]] for i in range(len(shapes) // 8)}
    values = LONGEST | {"t": "1"}
    for number in NAMES:
        lines = messages.lines(loaded, number, **values)
        read = ["".join(letters.get(c, c) for c in line) for line in lines]
        assert read == text(number, language).format(**values).split("\n"), NAMES[number]


def test_a_missing_translation_is_shown_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHRASES, messages.IDLE, PHRASES[messages.IDLE][:1])
    assert "Type your code" in texts.module("de")


def test_too_many_letters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHRASES, messages.IDLE, ("plain", "äáàçéèêíñ"))
    with pytest.raises(ValueError, match="letters beyond ASCII"):
        texts.module("de")


def test_every_letter_is_drawn_within_five_by_eight() -> None:
    for rows, letter in glyphs.BY_ROWS.items():
        assert len(rows) == 8 and max(rows) < 32 and any(rows), letter
