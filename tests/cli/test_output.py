import pytest

from reelhook.cli.output import _print, table

COLUMNS = ("id", "name", "said")
ROW = {"id": "01a21cbf-4922-7712-9212-9ae9a6c88404", "name": "an app of mine", "said": "word " * 30 + "last"}


def test_a_terminal_gets_the_last_column_wrapped_and_nothing_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    _print(COLUMNS, [ROW], 100)
    header, *lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 100
    assert header.split() == list(COLUMNS)
    assert " ".join(lines[0].split()).startswith(f"{ROW['id']} {ROW['name']}")
    assert " ".join("".join(lines).split()).count("word") == 30


def test_a_terminal_that_is_too_narrow_wraps_the_lines_itself(capsys: pytest.CaptureFixture[str]) -> None:
    _print(COLUMNS, [ROW], 20)
    assert f"{ROW['id']} {ROW['name']}" in " ".join(capsys.readouterr().out.split())


def test_a_program_gets_each_row_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    table(COLUMNS, [ROW])
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == list(COLUMNS)
    assert row.split() == " ".join(ROW.values()).split()
