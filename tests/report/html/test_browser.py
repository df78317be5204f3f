"""The pages in a headless Chromium: drawn, silent, off the network, filtered by mouse and keys."""

import time

import pytest

from spinn2sim.report.html import run_page
from tests.report.html import pages
from tests.report.sweeps import EVIL
from tests.report.traces import Story

#: A page may take so many bytes, and so many seconds of the browser's main thread to open.
MAX_BYTES, MAX_SECONDS = 8_000_000, 2.0

#: What each plot holds when it is drawn: bars, lines, marks, cells or a picture.
DRAWN = (
    ".barlayer .point path, .scatterlayer .trace path, .heatmaplayer image, .imagelayer image, "
    ".layer-below image"
)

#: Plots of each kind of page.
PLOTS = {
    "run": {
        "profile",
        "step-times",
        "time",
        "timeline",
        "spikes",
        "noc",
        "sram",
        "energy",
        "tornado",
    },
    "sweep": {"front", "map", "lines"},
    "comparison": {"functions", "time", "energy"},
}


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Each kind of page, made once."""
    folder = tmp_path_factory.mktemp("pages")
    made = {
        "run": pages.evil_run_page(),
        "sweep": pages.large_sweep_page(folder / "sweep"),
        "comparison": pages.evil_comparison_page(),
    }
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("kind", PLOTS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (480, "dark")])
def test_a_page_draws_every_plot_without_a_word_or_a_request(files, untouched, kind, width, scheme):
    found = untouched(files[kind], width, scheme)
    assert found.complaints == []
    assert found.requests == [files[kind].resolve().as_uri()]
    plots = found.page.locator(".plot")
    assert {plot.get_attribute("id").removesuffix("-plot") for plot in plots.all()} == PLOTS[kind]
    for plot in plots.all():
        assert plot.locator(DRAWN).count() > 0, plot.get_attribute("id")
        box = plot.locator("svg.main-svg").first.bounding_box()
        assert box["width"] > 0.7 * min(width, 320)
        assert box["height"] > 100
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("kind", PLOTS)
def test_scripts_in_names_and_messages_stay_text(files, untouched, kind):
    found = untouched(files[kind], 1280, "light")
    assert found.page.evaluate("typeof taken") == "undefined"
    assert found.page.locator("b", has_text="x").count() == 0
    whole = found.page.evaluate("document.body.textContent")
    assert EVIL in whole
    assert found.page.locator("script").count() == found.page.locator("body script").count()


def test_the_verdict_comes_first(files, untouched):
    found = untouched(files["run"], 1280, "light")
    assert found.text("main > :first-child .badge") == "Does not fit"
    assert found.text("main > :first-child .name") == "<b>x<b> <script>a<"
    assert "The verdict turns within the range of: chip.noc.fifo_flits." in found.text("#guesses")


def bars(found, plot):
    return found.page.locator(f"#{plot}-plot .barlayer .point path").count()


@pytest.mark.slow
def test_a_choice_redraws_its_plot_by_keyboard(files, opened):
    found = opened(files["run"])
    assert found.page.locator("#profile-plot .ytick text").count() == 2
    found.page.locator("[data-choice-of=profile]").nth(1).focus()
    found.page.keyboard.press("ArrowDown")
    found.page.wait_for_selector("#profile-plot .ytick text:has-text('e_prop.x')")


def test_pes_are_filtered_by_mouse_and_by_keyboard(files, opened):
    found = opened(files["run"])
    assert bars(found, "sram") == 6
    found.page.locator("#pes").fill("0, 2")
    found.page.get_by_role("button", name="Show").first.click()
    expect_count(found, "#sram-plot .barlayer .point path", 4)
    assert found.text("#pes-said") == "PE 0, 2"
    assert found.page.locator("#timeline-plot .ytick text").all_text_contents() == ["0", "2"]
    found.page.locator("#pes").focus()
    found.page.keyboard.press("Control+A")
    found.page.keyboard.type("1-1")
    found.page.keyboard.press("Enter")
    expect_count(found, "#sram-plot .barlayer .point path", 2)
    found.page.locator("#pes").fill("one")
    found.page.keyboard.press("Enter")
    assert found.text("#pes-said") == "not understood: write 0-3, 7"
    found.page.get_by_role("button", name="All").first.click()
    expect_count(found, "#sram-plot .barlayer .point path", 6)


def expect_count(found, selector, n):
    """Wait until there are *n* of them: plots are drawn in between other work."""
    until = time.monotonic() + 20
    while found.page.locator(selector).count() != n and time.monotonic() < until:
        found.page.wait_for_timeout(20)
    assert found.page.locator(selector).count() == n


def picture(found):
    return found.page.locator("#timeline-plot image").first.get_attribute("href")


def expect_another(found, before):
    until = time.monotonic() + 20
    while picture(found) == before and time.monotonic() < until:
        found.page.wait_for_timeout(20)
    assert picture(found) != before
    return picture(found)


@pytest.mark.slow
def test_the_timeline_is_zoomed_by_form_buttons_and_mouse(files, opened):
    found = opened(files["run"])
    whole = picture(found)
    found.page.locator("#timeline-from").fill("1")
    found.page.locator("#timeline-to").fill("2")
    found.page.keyboard.press("Enter")
    second = expect_another(found, whole)
    found.page.locator("[data-move=right]").click()
    third = expect_another(found, second)
    assert found.page.locator("#timeline-from").input_value() == "1.25"
    found.page.locator("[data-move=all]").press("Enter")
    assert expect_another(found, third) == whole
    frame = found.page.locator("#timeline-plot .nsewdrag")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    found.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    found.page.mouse.down()
    found.page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20, steps=5)
    found.page.mouse.up()
    expect_another(found, whole)


@pytest.mark.slow
def test_the_timeline_says_what_a_core_did_and_what_moved(files, opened):
    found = opened(files["run"])
    frame = found.page.locator("#timeline-plot .nsewdrag")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    found.page.mouse.move(box["x"] + 2, box["y"] + 4)
    said = found.text("#timeline-readout")
    assert said == f"PE 0, time step 0: {EVIL}, 0.0000 to 0.2000 ms, 200 cycles"
    row = box["height"] / 3
    found.page.mouse.move(box["x"] + 3, box["y"] + row * 0.8)
    assert found.text("#timeline-readout") == "PE 0: host refill of 64 B, 0.0050 to 0.9000 ms"


@pytest.mark.slow
def test_the_timeline_counts_cycles_of_the_clock_that_a_core_has(opened, tmp_path):
    """400 cycles at 1 MHz, then 100 at 500 kHz take 0.6 ms."""
    level = "voltage_mv: {}, max_clock: {}kHz, sleep_mw: 1, cycle_pj: 1"
    levels = ", ".join(f"{{{level.format(*each)}}}" for each in ((500, 500), (800, 1_000)))
    changes = (f"power.levels=[{levels}]", "chip.pe.dvfs=firmware", "chip.pe.dvfs_switch=0ns")
    story = Story(*changes, n_pe=1).step(0, 0, 600, ("a", 400)).rows("levels", (0, 400, 0))
    story.recorder.work(0, 0, 400, (("b", 100, "step"),))
    (tmp_path / "page.html").write_text(run_page(story.trace()), encoding="utf-8")
    found = opened(tmp_path / "page.html")
    frame = found.page.locator("#timeline-plot .nsewdrag")
    frame.scroll_into_view_if_needed()
    box, said = frame.bounding_box(), []
    for share in (0.2, 0.9):
        found.page.mouse.move(box["x"] + share * box["width"], box["y"] + 4)
        said.append(found.text("#timeline-readout"))
    assert said == [
        "PE 0, time step 0: a, 0.0000 to 0.4000 ms, 400 cycles at 1 MHz",
        "PE 0, time step 0: b, 0.4000 to 0.6000 ms, 100 cycles at 0.5 MHz",
    ]


@pytest.mark.slow
def test_colours_follow_the_system_and_the_switch(files, opened):
    found = opened(files["run"], scheme="dark")
    body = "getComputedStyle(document.body).backgroundColor"
    dark = found.page.evaluate(body)
    letters = found.page.locator("#profile-plot .ytick text").first
    pale = letters.evaluate("text => text.style.fill")
    found.page.locator("#theme").select_option("light")
    assert found.page.evaluate(body) != dark
    expect_count(found, f"#profile-plot .ytick text[style*='{pale}']", 0)
    found.page.emulate_media(media="print")
    assert not found.page.locator("header.bar").is_visible()
    assert found.page.locator("#verdict").is_visible()


def test_long_tables_are_searched(files, opened):
    found = opened(files["run"])
    found.page.locator("#scenario summary").click()
    found.page.locator("[data-search=scenario-table]").fill("noc fifo")
    visible = found.page.locator("#scenario-table tbody tr:visible")
    assert [row.split("\t")[0] for row in visible.all_inner_texts()] == ["chip.noc.fifo_flits"]


def shown(found):
    return int(found.text("#shown").split()[0].replace(",", ""))


def expect_shown(found, n):
    until = time.monotonic() + 20
    while shown(found) != n and time.monotonic() < until:
        found.page.wait_for_timeout(20)
    assert shown(found) == n


def test_points_are_filtered_by_boxes_ranges_and_words(files, opened):
    found = opened(files["sweep"])
    assert shown(found) == 5_000
    found.page.get_by_label("65MHz", exact=True).click()
    expect_shown(found, 4_000)
    box = found.page.get_by_label("neighbour", exact=True)
    box.focus()
    found.page.keyboard.press("Space")
    expect_shown(found, 2_000)
    found.page.get_by_label("parameters.n_rec: most").fill("60")
    expect_shown(found, 200)
    found.page.locator("#search").fill("failed")
    expect_shown(found, 4 * (4 + 3 + 3 + 2 + 2))  # of 20 to 60 neurons: PEs that are more
    found.page.get_by_role("button", name="Reset", exact=True).press("Enter")
    expect_shown(found, 5_000)


@pytest.mark.slow
def test_the_table_of_points_is_sorted_paged_and_cut_to_the_front(files, opened):
    found = opened(files["sweep"])
    first = "#points-table tbody tr:first-child"
    assert found.text("#page-said") == "page 1 of 100, 5,000 points"
    found.page.get_by_role("button", name="power_chip_mw").click()
    least = found.text(first)
    found.page.get_by_role("button", name="power_chip_mw").press("Enter")
    assert found.text(first) != least
    assert found.page.locator("th[aria-sort=descending]").inner_text().startswith("power_chip_mw")
    found.page.locator("#page-on").click()
    assert found.text("#page-said").startswith("page 2")
    found.page.locator("#only-front").check()
    n_front = int(found.text("#front-said").split()[0])
    assert 1 < n_front < 50
    assert found.text("#page-said") == f"page 1 of 1, {n_front} points"
    assert found.page.locator("#points-table tbody tr.front").count() == n_front


@pytest.mark.slow
def test_trade_offs_take_other_outputs_goals_and_a_logarithm(files, opened):
    found = opened(files["sweep"])
    before = found.text("#front-said")
    found.page.locator("#front-y").select_option("slack_cycles")
    assert found.page.locator("#front-y-goal").input_value() == "max"
    found.page.locator("#front-y-goal").select_option("min")
    assert found.text("#front-said") != before
    found.page.locator("#front-log").check()
    found.page.locator("#front-colour").select_option("parameters.n_rec")
    found.page.locator("#map-of").select_option("n")
    found.page.wait_for_selector("#map-plot .cbtitle text:has-text('points')")
    assert found.complaints == []


@pytest.mark.slow
def test_pointing_at_the_cloud_names_the_point(files, opened):
    found = opened(files["sweep"])
    frame = found.page.locator("#front-plot .nsewdrag")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    for share in range(2, 40):
        found.page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + box["height"] - 20)
    assert found.text("#front-said").startswith("Point ")
    assert "chip.pe.clock = " in found.text("#front-said")


def main_thread_seconds(chromium, path):
    """Processor time of the main thread until every plot is drawn; the wall clock is shared."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(path.resolve().as_uri())
    page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
    found = metrics.send("Performance.getMetrics")["metrics"]
    page.close()
    return next(each["value"] for each in found if each["name"] == "TaskDuration")


def test_a_sweep_of_5_000_points_opens_at_once_and_is_small(files, chromium):
    assert files["sweep"].stat().st_size < MAX_BYTES
    assert main_thread_seconds(chromium, files["sweep"]) < MAX_SECONDS


@pytest.mark.slow
def test_a_trace_of_100_steps_on_152_pes_opens_at_once_and_is_small(tmp_path, chromium):
    path = tmp_path / "large.html"
    path.write_text(run_page(pages.large_trace()), encoding="utf-8")
    assert path.stat().st_size < MAX_BYTES
    assert main_thread_seconds(chromium, path) < MAX_SECONDS
