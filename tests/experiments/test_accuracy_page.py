"""The page of accuracies: its verdicts follow from the figures of its rows."""

import json

import pytest

from experiments import accuracy_page, accuracy_table
from experiments.accuracy_table import ROWS, Row

GOOD = {
    "authors": 0.88,
    "milliseconds": 0.84,
    "v_th-scaled-psi": 0.4,
    "adam-0.01": 0.81,
    "adam-0.0003": 0.87,
    "rmsprop-0.001": 0.866,
    "online": 0.879,
}


def results_of(mean, *, seeds=3, failed=()):
    row = {"seed": 1, "validation_accuracy": mean, "firing_rate_hz": 6.0}
    return {
        "seeds": [row] * seeds,
        "n_seeds": seeds,
        "failed": [{"seed": seed, "error": "dead"} for seed in failed],
        "test_accuracy_mean": mean,
        "test_accuracy_sd": 0.01,
        "best_epoch_mean": 10.0,
        "majority_class_share": 0.154,
    }


def lines_of(**changed):
    means = GOOD | changed
    return [accuracy_page.Line(row, results_of(means.get(row.key, 0.8)), 600_000) for row in ROWS]


def met(**changed):
    return [verdict.met for verdict in accuracy_page.verdicts(lines_of(**changed))]


def test_all_is_met_by_the_figures_that_were_asked_for():
    assert met() == [True] * 7


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        ({"authors": 0.849, "online": 0.85, "adam-0.0003": 0.8, "rmsprop-0.001": 0.84}, {0}),
        ({"milliseconds": 0.89}, {1}),
        ({"v_th-scaled-psi": 0.89}, {2}),
        ({"sgd-0.1": 0.89}, {3, 5}),
        ({"rmsprop-0.001": 0.84, "rmsprop-0.0003": 0.83}, {4}),
        ({"momentum-0.01": 0.87}, {5}),
        ({"online": 0.85}, {6}),
    ],
)
def test_each_verdict_can_be_missed(changed, missed):
    assert {number for number, each in enumerate(met(**changed)) if not each} == missed


@pytest.mark.parametrize(
    ("key", "open_ones"),
    [("milliseconds", {1}), ("v_th-scaled-psi", {2}), ("sgd-0.1", {3, 4, 5}), ("online", {6})],
)
def test_a_verdict_is_open_while_a_row_that_it_is_about_is_not_trained(key, open_ones):
    lines = [line for line in lines_of() if line.row.key != key]
    missing = [row for row in ROWS if row.key == key]
    found = accuracy_page.verdicts(lines, missing)
    assert {number for number, each in enumerate(found) if each.met is None} == open_ones
    assert "| not trained yet | open |" in accuracy_page.verdict_table(found)
    assert f"\nNot trained yet: `{key}`.\n" == accuracy_page._not_trained(missing)


def test_the_rows_so_far_are_those_with_results_and_the_first(tmp_path):
    (tmp_path / "online").mkdir()
    (tmp_path / "online" / "results.json").touch()
    chosen = accuracy_table._parser().parse_args(["--out", str(tmp_path), "--so-far"])
    wanted = [row.key for row in ROWS if accuracy_table._is_wanted(row, chosen)]
    assert wanted == ["authors", "online"]


def test_the_rate_of_an_optimiser_is_chosen_by_validation_not_by_test():
    lines = lines_of()
    chosen = accuracy_page._best(lines, "adam")
    assert chosen.row.key == "authors"
    better = results_of(0.2) | {"seeds": [{"validation_accuracy": 0.9, "firing_rate_hz": 6.0}]}
    lines = [
        line._replace(results=better) if line.row.key == "adam-0.01" else line for line in lines
    ]
    assert accuracy_page._best(lines, "adam").row.key == "adam-0.01"


def test_a_row_that_has_diverged_has_no_figures_but_says_so():
    diverged = {"seeds": [], "failed": [{"seed": 1, "error": "dead"}] * 3, "n_seeds": 0}
    lines = [accuracy_page.Line(ROWS[0], results_of(0.88), 700_000)]
    lines += [accuracy_page.Line(Row("sgd-1", "Network", "sgd"), diverged, 500_000)]
    last = accuracy_page.table(lines).splitlines()[-1]
    assert last == "| sgd |  |  |  |  | 488.3 KB | 195.3 KB | 3 diverged |"


def test_the_page_holds_every_row_and_every_voice():
    text = accuracy_page.page(
        [(row, results_of(0.8), 600_000) for row in ROWS],
        command="the command",
        n_clips={"train": 5_200, "validation": 650, "test": 1_170},
        n_epochs=12,
        n_tracts={"train": 29, "validation": 7, "test": 9},
        voices={"validation": {"max": 0.9}, "test": {"m6": 0.8, "(silence)": 1.0}},
    )
    assert all(f"| {row.what} |" in text for row in ROWS)
    assert "| m6 | 80.0% |" in text
    assert "over 1 of them" in text
    assert "5,200 / 650 / 1,170" in text


def test_a_finished_row_is_only_read(tmp_path, monkeypatch):
    monkeypatch.setattr(accuracy_table, "make_jobs", None)
    (tmp_path / "results.json").write_text(json.dumps({"seeds": []}))
    row = accuracy_table.AUTHORS
    found = accuracy_table.train_row(row, tmp_path, None, source="x", epochs=1, seeds=1)
    assert found == {"seeds": []}


def test_an_optimiser_saves_the_memory_of_what_it_does_not_keep():
    adam, sgd = (
        accuracy_table.state_bytes(Row(name, "", "", {"optimiser": name}))
        for name in ("adam", "sgd")
    )
    assert adam - sgd == 2 * 4 * (80 * 120 + 120 * 120 + 120 * 12)


def test_an_aim_that_is_missed_is_said_with_the_voices_that_are_heard_best_and_worst():
    line = accuracy_page.Line(ROWS[0], results_of(0.75), 600_000)
    voices = {"test": {"m6": 0.95, "edward": 0.4, "(silence)": 1.0}}
    text = accuracy_page._missed(line, voices, 20)
    assert text.startswith("\n**The aim of 85% is missed.** The same networks get 75.0% of the ")
    assert "95.0% of the voice that they hear best (m6)" in text
    assert "(edward)" in text
    met_line = line._replace(results=results_of(0.86))
    assert accuracy_page._missed(met_line, voices, 20) == ""
