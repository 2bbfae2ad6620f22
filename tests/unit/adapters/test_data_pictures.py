"""What the pictures of a data report say."""

from xml.etree import ElementTree

from churn_saver.adapters import data_pictures as pictures

SVG = "{http://www.w3.org/2000/svg}"


def _texts(picture: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(picture).iter() if node.text and node.text.strip()]


def _title(picture: str) -> str:
    return ElementTree.fromstring(picture).findtext(SVG + "title") or ""


def _split(name: str, ones: int, rows: int) -> dict[str, object]:
    share = ones / rows
    label = {"ones": ones, "rows": rows, "share": share, "low": share - 0.05, "high": share + 0.05}
    return {"name": name, "rows": rows, "label": label}


def test_label_shares_say_how_far_splits_are_apart() -> None:
    """30 of 100 and 5 of 20: 35 of 120 are 29.2 %, and 30 % and 25 % are 5 points apart."""
    picture = pictures.label_shares([_split("train", 30, 100), _split("test", 5, 20)], "has_left")

    assert _title(picture) == (
        "Has left: 29.2\N{NO-BREAK SPACE}% of 120 rows; splits at most 5.0 points apart"
    )
    assert {"train", "test", "30.0\N{NO-BREAK SPACE}%", "25.0\N{NO-BREAK SPACE}%"} <= set(_texts(picture))


def test_one_part_is_not_compared() -> None:
    """A split without labels is not drawn."""
    picture = pictures.label_shares([_split("table", 0, 10), {"name": "x", "label": None}], "y")

    assert _title(picture) == "Y: 0.0\N{NO-BREAK SPACE}% of 10 rows"


def _histogram(*groups: tuple[str, float]) -> dict[str, object]:
    return {
        "column": "tenure_months",
        "edges": [0.5, 1.5, 2.5],
        "groups": [{"name": name, "rows": 3, "median": median, "counts": [1, 2]} for name, median in groups],
        "logarithmic": False,
    }


def test_histogram_gives_the_median_of_each_group() -> None:
    """Both in the title, a legend below it; one group needs none."""
    both = pictures.histogram(_histogram(("y: yes", 10.0), ("y: no", -38.5)))
    one = pictures.histogram(_histogram(("all rows", 2_000.0)))

    assert _title(both) == "Tenure months: median 10 (y: yes), −38.5 (y: no)"
    assert {"y: yes", "y: no", "share of each group"} <= set(_texts(both))
    assert _title(one) == "Tenure months: median 2,000"
    assert "share of rows" in _texts(one)


def test_lengths_stand_on_a_logarithmic_axis() -> None:
    """Its ticks are written as numbers, not as powers."""
    found = _histogram(("prompt", 50.0)) | {"edges": [1.0, 100.0, 10_000.0], "logarithmic": True}

    assert {"100", "10,000"} <= set(_texts(pictures.histogram(found)))


def _words(*words: tuple[str, int, int | None]) -> dict[str, object]:
    entries = [{"word": word, "rows": rows, "ones": ones} for word, rows, ones in words]
    return {"column": "plan", "words": entries}


def test_words_name_the_least_and_the_most() -> None:
    """50 of 100 and 1 of 50; the label by its name."""
    picture = pictures.words(_words(("monthly", 100, 50), ("two year", 50, 1)), "churned")

    assert _title(picture) == (
        "Plan: churned from 2\N{NO-BREAK SPACE}% (two year) to 50\N{NO-BREAK SPACE}% (monthly)"
    )
    assert {"monthly · 100", "two year · 50"} <= set(_texts(picture))


def test_words_without_a_label_are_shares_of_rows() -> None:
    """Of 200 rows, 150 hold a; a long word is cut, a blank one is called so."""
    picture = pictures.words(_words(("a", 150, None), ("x" * 30, 40, None), ("", 10, None)), None)

    assert _title(picture) == "Plan: a most often"
    assert {"75.0\N{NO-BREAK SPACE}%", "x" * 23 + "… · 40", "(blank) · 10"} <= set(_texts(picture))


def _move(column: str, psi: float, chance_alone: bool) -> dict[str, object]:
    return {"column": column, "psi": psi, "chance": 0.01, "chance_alone": chance_alone}


def test_moves_are_counted_beyond_the_note_and_beyond_chance() -> None:
    """One beyond both, one by chance, one at rest."""
    picture = pictures.moves(
        [_move("bill", 0.3, False), _move("age", 0.2, True), _move("plan", 0, True)], 0.1, 0.25
    )

    assert _title(picture) == "1 of 3 columns moved since the last run"
    assert {"bill", "0.300", "0.1", "0.25"} <= set(_texts(picture))
    assert _title(pictures.moves([_move("plan", 0.0, True)], 0.1, 0.25)).startswith("None of 1 columns")


def test_hostile_words_are_text() -> None:
    """Markup and dollar signs in words, columns and groups stay what they are."""
    evil = '<script>alert("$x$")</script>'
    drawn = [
        pictures.words(_words((evil, 9, 1)) | {"column": evil}, evil),
        pictures.histogram(_histogram((evil, 1.0), (evil, 2.0)) | {"column": evil}),
        pictures.moves([_move(evil, 0.0, True)], 0.1, 0.25),
        pictures.label_shares([_split(evil, 1, 2)], evil),
    ]

    for picture in drawn:
        assert "<script" not in picture
        assert ElementTree.fromstring(picture).tag == SVG + "svg"
