"""What the display says: one table, every language, everything fits."""

from itertools import product
from pathlib import Path

import pytest

from locker.core import catalogue, faults, glyphs, messages
from locker.core.messages import LANGUAGES
from locker.core.phrases import PHRASES, variant
from locker.storage import texts as stored
from lockerctl import texts
from lockerctl.errors import ToolError

LAYOUT = ("VARIED", "FAULTS", "SHAPES_BYTES", "TEXT_BYTES")
NAMES = {
    number: name
    for name, number in vars(messages).items()
    if name.isupper()
    and name not in LAYOUT
    and not name.startswith("_")
    and isinstance(number, int)
}
LONGEST = {"d": 24, "e": 99, "s": 30, "t": "0123456789abcdef"}
KEPT = ("{d}", "{e}", "{s}", "{t}", "#", "*", "1", "2", "3")
# Shorter values that come beside other text.
BESIDE = {
    messages.CONFIRM: "1",
    messages.EMPTY: "24",
    messages.CLOCK_SET: "23:59",
    messages.SERVICE: "24",
    messages.SERVICE_DOOR: "E29 full",
}
EVERY = [(number, language) for number, language in product(NAMES, LANGUAGES)]


def name(case: object) -> str:
    return NAMES[case] if isinstance(case, int) else str(case)


def text(number: int, language: str) -> str:
    """Empty where the translation is missing."""
    return dict(zip(LANGUAGES, PHRASES[number], strict=False)).get(language, "")


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

    assert all(kept(language) == kept("en") for language in LANGUAGES)


def test_no_language_uses_more_letters_than_a_display_takes() -> None:
    for language in LANGUAGES:
        used = {c for number in PHRASES for c in text(number, language) if not c.isascii()}
        assert len(used) <= glyphs.LIMIT, f"{language}: {sorted(used)}"


def test_plain_text_is_what_every_display_shows_alike() -> None:
    for number, language in EVERY:
        odd = {c for c in text(number, language) if c.isascii() and not " " <= c <= "}"}
        assert odd <= {"\n"} and "\\" not in text(number, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_station_s_lines_are_the_table_s(language: str, tmp_path: Path) -> None:
    texts.write(tmp_path)
    folder, index = f"{tmp_path}/{texts.FOLDER}/", LANGUAGES.index(language)
    shapes = stored.shapes(folder, index)
    letters = {chr(i): glyphs.BY_ROWS[shapes[i * 8 : i * 8 + 8]] for i in range(len(shapes) // 8)}
    values = LONGEST | {"t": "1"}
    for number in NAMES:
        lines = messages.lines(stored.text(folder, index, number, 127), **values)
        read = ["".join(letters.get(c, c) for c in line) for line in lines]
        shown = variant(number, 127) if number < messages.VARIED else number
        assert read == text(shown, language).format(**values).split("\n"), NAMES[number]


def test_a_file_that_cannot_be_read_still_tells_the_number_and_what_was_typed(
    tmp_path: Path,
) -> None:
    text_ = stored.text(f"{tmp_path}/nowhere/", 0, messages.TYPING)
    assert messages.lines(text_, t="0748", e=42) == ["0748 E42"]
    with pytest.raises(OSError, match="No such file"):
        stored.shapes(f"{tmp_path}/nowhere/", 1)


REFUSALS = (
    (messages.REFUSED, faults.WRONG_CODE, messages.REFUSED),
    (messages.REFUSED, faults.NO_SUCH_DOOR, messages.REFUSED),
    (messages.REFUSED, faults.TYPO, messages.TYPO),
    (messages.REFUSED, faults.CODE_LOCKED, messages.SUPPORT_CODE),
    (messages.REFUSED, faults.CLOCK_LOST, messages.SUPPORT_CODE),
    (messages.REFUSED, faults.CLAIM_USED_UP, messages.STICKS),
    (messages.REFUSED, faults.STORAGE_UNWRITABLE, messages.OUT_OF_ORDER),
    (messages.REFUSED, faults.TASK_FAILED, messages.FAILED),
    (messages.REFUSED_DOOR, faults.PULSE_REFUSED, messages.NOT_READY),
    (messages.REFUSED_DOOR, faults.SENSOR_LOST, messages.NOT_READY),
    (messages.REFUSED_DOOR, faults.CONFLICT, messages.REFUSED_DOOR),
    (messages.REFUSED_DOOR, faults.DOOR_UNUSABLE, messages.REFUSED_DOOR),
    (messages.HELP, faults.NONE, messages.HELP),
    (messages.HELP, faults.WAIT, messages.HELP),
    (messages.HELP, faults.WRONG_CODE, messages.HELP_CODE),
    (messages.HELP, faults.NETWORK_DOWN, messages.HELP_NETWORK),
    (messages.HELP, faults.CLOCK_UNSYNCED, messages.HELP_CLOCK),
    (messages.HELP, faults.TIME_FORGED, messages.HELP_CLOCK),
    (messages.HELP, faults.FORCED_OPEN, messages.HELP_DOOR),
    (messages.HELP, faults.CONTACTS_UNREAD, messages.HELP_DOOR),
    (messages.HELP, faults.TAMPERED, messages.HELP_STATION),
)


@pytest.mark.parametrize(("said", "fault", "shown"), REFUSALS)
def test_a_refusal_and_help_are_of_the_class_of_their_fault(
    said: int, fault: int, shown: int, tmp_path: Path
) -> None:
    assert variant(said, fault) == shown
    texts.write(tmp_path)
    read = stored.text(f"{tmp_path}/{texts.FOLDER}/", 0, said, fault)
    assert read.decode() == PHRASES[shown][0]


def test_every_fault_number_fits_the_table_of_variants() -> None:
    assert max(catalogue.BY_NUMBER) < messages.FAULTS


def test_a_refusal_names_its_number_and_help_ends_with_whom_to_call() -> None:
    refusals = (
        messages.WAIT, messages.FULL, messages.ALL_FULL, messages.STUCK,
        *(shown for said, _, shown in REFUSALS if said != messages.HELP),
    )  # fmt: skip
    helps = [number for number, name in NAMES.items() if name.startswith("HELP")]
    for language in LANGUAGES:
        assert all("{e}" in text(number, language) for number in refusals)
        assert all(text(number, language).endswith("\n{t}") for number in helps)
        assert all("{e}" in text(number, language) for number in helps if number != messages.HELP)


def test_a_missing_translation_is_shown_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHRASES, messages.IDLE, PHRASES[messages.IDLE][:1])
    assert b"Type your code" in texts.files()["texts/de"]


def test_too_many_letters_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PHRASES, messages.IDLE, ("plain", "äáàçéèêíñ"))
    with pytest.raises(ToolError, match="letters beyond ASCII"):
        texts.files()


def test_every_letter_is_drawn_within_five_by_eight() -> None:
    for rows, letter in glyphs.BY_ROWS.items():
        assert len(rows) == 8 and max(rows) < 32 and any(rows), letter
