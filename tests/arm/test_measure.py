"""Tables over sizes, from Python and from the command line."""

import json
import sys

import pytest

from spinn2sim.arm import Machine, measure
from spinn2sim.arm.measure import Call
from spinn2sim.cli import main
from spinn2sim.errors import EmulationError, SpecError, SymbolError
from tests.arm.firmware import FOLDER, SIZES, elf

for module in ("unicorn", "capstone", "elftools"):
    pytest.importorskip(module, reason="needs spinn2sim[elf]")

KERNELS = str(FOLDER / "kernels-O2.elf")
OTHER = SIZES | {"L": 6}


@pytest.fixture
def spinn2sim(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["spinn2sim", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return end.value.code or 0, printed.out, printed.err

    return run


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("dot", Call("dot")),
        (" dot ( ) ", Call("dot")),
        ("scale(64, 0.5)", Call("scale", (64, 0.5))),
        ("f(0x10, -1, 1e3)", Call("f", (16, -1, 1000.0))),
        ("power.constprop.0(2)", Call("power.constprop.0", (2,))),
    ],
)
def test_a_call_is_read_as_c_writes_it(text, call):
    assert Call.parse(text) == call


def test_whole_numbers_stay_whole():
    assert [type(each) for each in Call.parse("f(1, 1.0)").arguments] == [int, float]


@pytest.mark.parametrize(
    "text", ["", "2dot", "f(1", "f(g(1))", "f(x)", "f 1", "f(0x100000000)", "f(-1e39)"]
)
def test_what_is_no_call_is_refused(text):
    with pytest.raises(SpecError, match="function "):
        Call.parse(text)


def test_each_size_starts_anew():
    both = measure(Machine(elf("kernels-O2")), (), [SIZES, OTHER])
    alone = measure(Machine(elf("kernels-O2")), (), [OTHER])
    assert both.rows[len(alone.rows) :] == alone.rows
    assert [row.measurement.function for row in alone.rows] == [
        *("dot", "axpy", "relu", "normalise", "threshold", "roots", "horner")
    ]


def test_larger_sizes_take_more_cycles():
    rows = measure(Machine(elf("kernels-O2")), ["dot"], [SIZES, OTHER]).rows
    assert rows[0].measurement.cycles < rows[1].measurement.cycles
    assert [row.sizes["L"] for row in rows] == [3, 6]


def test_a_firmware_without_sizes_is_measured_as_it_is():
    (row,) = measure(Machine(elf("micro")), ["loop_of_ten"]).rows
    assert dict(row.sizes) == {}
    assert row.measurement.cycles.mid == 39 + 3


def test_a_function_that_is_not_there_is_told_before_anything_runs():
    with pytest.raises(SymbolError, match="'dto' is no function; did you mean 'dot'"):
        measure(Machine(elf("kernels-O2")), ["dot", "dto"], [SIZES])


@pytest.mark.parametrize(
    ("functions", "sizes", "kind", "message"),
    [
        ([], [{"L": 1}], SpecError, "sizes L=1: expected a number for each of L, I, R, O"),
        ([], [SIZES | {"L": 99}], EmulationError, r"refuses the sizes L=99,I=5,R=6,O=3 \(it"),
    ],
)
def test_sizes_that_cannot_be_are_refused(functions, sizes, kind, message):
    with pytest.raises(kind, match=message):
        measure(Machine(elf("kernels-O2")), functions, sizes)


def test_a_firmware_that_declares_nothing_has_to_be_told_what_to_measure():
    with pytest.raises(SpecError, match="does not declare its functions"):
        measure(Machine(elf("micro")))


def test_arrays_that_nobody_has_filled_are_not_measured_unasked():
    with pytest.raises(SpecError, match="the firmware fills its arrays by firmware_setup; say"):
        measure(Machine(elf("kernels-O2")))


def test_a_size_that_is_given_twice_is_refused(spinn2sim):
    code, out, err = spinn2sim("measure", KERNELS, "--sizes", "L=3,I=5,R=6,O=3,L=4")
    assert (code, out) == (2, "")
    assert err == "error: --sizes 'L=3,I=5,R=6,O=3,L=4': L comes twice\n"


def test_the_command_prints_a_table_for_each_size(spinn2sim):
    sizes = ["--sizes", "L=3,I=5,R=6,O=3", "--sizes", "L=6,I=5,R=6,O=3"]
    code, out, err = spinn2sim("measure", KERNELS, "--functions", "dot,relu", *sizes)
    assert (code, err) == (0, "")
    assert "L = 3, I = 5, R = 6, O = 3" in out
    assert "L = 6, I = 5, R = 6, O = 3" in out
    assert out.count("function") == 2
    rows = measure(Machine(elf("kernels-O2")), ["dot", "relu"], [SIZES]).rows
    low, mid, high = rows[0].measurement.cycles
    assert f"dot       {low}  {mid}   {high}" in out
    assert "hot block in " in out
    assert "kernels.c:" in out


def test_the_command_prints_json(spinn2sim):
    _, out, _ = spinn2sim("measure", KERNELS, "--sizes", "L=3,I=5,R=6,O=3", "--json")
    table = measure(Machine(elf("kernels-O2"), n_hot_blocks=1), (), [SIZES])
    found = json.loads(out)
    assert found.pop("format") == "spinn2sim/measure/1"
    assert found == json.loads(json.dumps(table.as_dict() | {"elf": KERNELS}))
    assert found["sha256"] == elf("kernels-O2").sha256


def test_calls_registers_and_answers_are_given_on_the_command_line(spinn2sim):
    stub = ["--registers", "0x40000000:0x100", "--answer", "0x40000010=0,0,1"]
    calls = "wait_for_ready, sum_of_six(1,2,3,4,5,6)"
    _, out, _ = spinn2sim("measure", KERNELS, "--functions", calls, *stub, "--json")
    assert [row["int_result"] for row in json.loads(out)["rows"]] == [3, 654321]


def test_remote_memory_is_a_variable_or_a_range(spinn2sim):
    address = elf("kernels-O2").variable("a").address
    cycles = []
    for remote in ([], ["--remote", "a"], ["--remote", f"{address}:64"]):
        given = ["--functions", "copy", *remote, "--remote-stall", "5", "--json"]
        _, out, _ = spinn2sim("measure", KERNELS, *given)
        cycles.append(json.loads(out)["rows"][0]["cycles"]["mid"])
    assert cycles[1] == cycles[2] == cycles[0] + 16 * 5


def test_instruction_mode_gives_the_same(spinn2sim):
    given = ["--functions", "dot", "--sizes", "L=3,I=5,R=6,O=3", "--json"]
    found = [
        json.loads(spinn2sim("measure", KERNELS, *given, *mode)[1])["rows"][0]
        for mode in ([], ["--each-instruction"])
    ]
    assert found[0]["cycles"] == found[1]["cycles"]
    assert [each["mode"] for each in found] == ["edges", "instructions"]


def test_a_knob_changes_the_cycles(spinn2sim, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("branch_refill: {low: 1, mid: 1, high: 1, source: measured}\n")
    given = ["--functions", "loop_of_ten", "--json"]
    found = []
    for knobs in ([], ["--knob", "branch_refill=1"], ["--timing", str(path)]):
        _, out, _ = spinn2sim("measure", str(FOLDER / "micro.elf"), *given, *knobs)
        table = json.loads(out)
        found.append((table["timing"], table["rows"][0]["cycles"]["mid"]))
    assert found == [("cortex-m4f", 42), ("cortex-m4f, branch_refill=1", 33), ("mine", 33)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.elf"], "ELF not found: none.elf; name a linked firmware, as firmware.elf"),
        ([KERNELS, "--functions", "dto"], "'dto' is no function; did you mean 'dot'?"),
        ([KERNELS, "--sizes", "L=3,I"], "--sizes 'L=3,I': expected L=10,I=80,R=120,O=12"),
        ([KERNELS, "--knob", "load"], "--knob 'load': expected a knob, as branch_refill=1"),
        ([KERNELS, "--knob", "lod=1"], "unknown key 'lod'; did you mean 'load'?"),
        ([KERNELS, "--remote", "0:x"], "expected a start and a size, as 0x40000000:0x100"),
        ([KERNELS, "--remote", "0x20000000:0"], "expected one or more bytes"),
        ([KERNELS, "--remote", "spike"], "'spike' is no variable; did you mean 'spikes'?"),
        ([KERNELS, "--answer", "0x40000000=1"], "0x40000000 is in no --registers; declare it"),
        ([KERNELS, "--answer", "x"], "expected an address and numbers, as 0x40000010=0,0,1"),
        (
            [
                *(KERNELS, "--functions", "wait_for_ready", "--registers", "0x40000000:0x100"),
                *("--max-instructions", "1000"),
            ],
            "has not returned after 1,000 instructions",
        ),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(spinn2sim, arguments, message):
    code, out, err = spinn2sim("measure", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("library", "name"),
    [("unicorn", "unicorn"), ("capstone", "capstone"), ("elftools.elf.elffile", "pyelftools")],
)
def test_a_library_that_is_not_installed_is_named_with_its_extra(
    spinn2sim, monkeypatch, library, name
):
    from spinn2sim.arm import core, decoding

    core._unicorn.cache_clear()
    decoding._disassembler.cache_clear()
    monkeypatch.setitem(sys.modules, library, None)
    code, _, err = spinn2sim("measure", KERNELS, "--functions", "dot")
    core._unicorn.cache_clear()
    decoding._disassembler.cache_clear()
    assert code == 2
    assert err == f"error: measuring firmware needs {name}: pip install 'spinn2sim[elf]'\n"
