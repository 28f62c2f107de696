"""What people read is in the catalogue of words, and not in a component: otherwise no translation would reach it."""

import re
from pathlib import Path

COMPONENTS = Path(__file__).parents[2] / "frontend" / "src"
# Signs, units and names that are the same in every language.
SAME_EVERYWHERE = {"Ctrl", "K", "&nbsp;", "https://example.com/webhooks/reelhook"}
ATTRIBUTE = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"{}]*[^\W\d_]{2}[^"{}]*)"')
HIDDEN = re.compile(r"<script.*?</script>|<style.*?</style>|<!--.*?-->", re.DOTALL)
LETTERS = re.compile(r"[^\W\d_]{2}|\bK\b")


def without_braces(text: str) -> str:
    """Markup without what stands between braces, however deep: that is code."""
    kept, depth = [], 0
    for sign in text:
        depth += sign == "{"
        if depth == 0:
            kept.append(sign)
        depth -= sign == "}"
    return "".join(kept)


def visible(markup: str) -> list[str]:
    markup = HIDDEN.sub("", markup)
    texts = re.sub(r"<[^<>]*>", "\n", without_braces(markup)).split("\n")
    found = [text.strip() for text in texts] + ATTRIBUTE.findall(markup)
    return [text for text in found if LETTERS.search(text) and text not in SAME_EVERYWHERE]


def test_no_component_says_anything_by_itself() -> None:
    said = {str(file.relative_to(COMPONENTS)): visible(file.read_text()) for file in COMPONENTS.rglob("*.svelte")}
    assert {name: texts for name, texts in said.items() if texts} == {}


def test_the_scan_sees_texts_and_attributes() -> None:
    assert visible("<p class='x'>Try <b>again</b></p>{#if a}{words.x}{/if}") == ["Try", "again"]
    assert visible('<a title="All videos" href="/x">{name}</a>') == ["All videos"]
    assert visible("<script>const a = 'Hello';</script><style>p {color: red}</style><!-- Hello -->") == []


def test_every_group_of_words_can_be_translated() -> None:
    lib = COMPONENTS / "lib"
    files = [*(lib / "words").glob("*.ts"), lib / "words.ts", lib / "job-words.ts"]
    missing = {
        name
        for file in files
        for name in re.findall(r"^export const (\w*[wW]ords) = {", file.read_text(), re.MULTILINE)
        if not re.search(rf"^translated\('\w+', {name}\);", file.read_text(), re.MULTILINE)
    }
    assert missing == set()
