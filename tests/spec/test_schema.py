"""The JSON schema that users' editors read: complete, with units, and true to the scenarios."""

import json
from typing import get_args

import pytest

from spinn2sim.spec import Scenario, load_scenario
from spinn2sim.validated import Validated

SCHEMA = Scenario.model_json_schema()
KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "null": type(None),
}


def models(model=Scenario):
    """*model* and every model within it."""
    yield model
    for field in model.model_fields.values():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, Validated):
                yield from models(inner)


def resolved(schema):
    """*schema*, or what it refers to."""
    reference = schema.get("$ref")
    return SCHEMA["$defs"][reference.removeprefix("#/$defs/")] if reference else schema


def agrees(value, schema):
    """Whether *value* is what *schema* describes, for the keywords that pydantic uses."""
    schema = resolved(schema)
    if "anyOf" in schema:
        return any(agrees(value, choice) for choice in schema["anyOf"])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, KINDS[kind]) for kind in kinds):
        return False
    if value not in schema.get("enum", [value]):
        return False
    match value:
        case dict():
            known = schema.get("properties", {})
            others = schema.get("additionalProperties", {})
            return set(schema.get("required", ())) <= set(value) and all(
                agrees(item, known[key])
                if key in known
                else others is not False and (others is True or agrees(item, others))
                for key, item in value.items()
            )
        case list():
            each = schema.get("prefixItems", [schema.get("items", {})] * len(value))
            bounds = schema.get("minItems", 0), schema.get("maxItems", len(value))
            return bounds[0] <= len(value) <= bounds[1] and all(map(agrees, value, each))
        case int() | float() if not isinstance(value, bool):
            return schema.get("minimum", value) <= value <= schema.get("maximum", value)
        case _:
            return True


def fields_of(schema):
    """The schemas of all fields of all models."""
    for model in (schema, *schema["$defs"].values()):
        for name, field in model["properties"].items():
            yield f"{model['title']}.{name}", field


# Every field explains itself


@pytest.mark.parametrize("model", list(dict.fromkeys(models())), ids=lambda model: model.__name__)
def test_every_model_and_field_is_described(model):
    assert model.__doc__.strip().endswith(".")
    undescribed = [name for name, field in model.model_fields.items() if not field.description]
    assert undescribed == []


def test_the_schema_holds_the_description_of_every_field():
    assert len(list(fields_of(SCHEMA))) > 60
    assert [path for path, field in fields_of(SCHEMA) if not field.get("description")] == []


def numbers_in(schema):
    """The schemas of numbers in *schema*, also those within lists and those that may be null."""
    kinds = schema.get("type", [])
    if "integer" in kinds or "number" in kinds:
        yield schema
    or_null = (part for part in schema.get("anyOf", ()) if "unit" in part)
    for inner in (*schema.get("prefixItems", ()), *or_null, schema.get("items", {})):
        yield from numbers_in(inner) if inner else ()


def test_every_number_has_this_range_and_unit():
    found = {
        path: (number["minimum"], number["maximum"], number["unit"])
        for path, field in fields_of(SCHEMA)
        for number in numbers_in(field)
        if "enum" not in number
    }
    assert found == {
        "Scenario.n_pe": (1, 1_000_000, "PE"),
        "Scenario.timestep": (0, 1_000_000_000_000, "ns"),
        "Scenario.seed": (0, 9_223_372_036_854_775_807, "1"),
        "Scenario.patience_steps": (1, 1_000_000_000, "time step"),
        "BoardSpec.size": (1, 120, "chip"),
        "BoardSpec.system_pes": (0, 1_000, "PE"),
        "BoardSpec.group_pes": (1, 1_000_000, "PE"),
        "BoardSpec.ports": (0, 255, "QPE"),
        "BoardSpec.packet_bits": (32, 4_096, "bit"),
        "BoardSpec.rate": (1_000, 10_000_000_000_000, "bit/s"),
        "BoardSpec.rate_between_boards": (1_000, 10_000_000_000_000, "bit/s"),
        "BoardSpec.latency": (0, 1_000_000_000_000, "ns"),
        "BoardSpec.drop_cycles": (1, 1_000_000, "NoC cycle"),
        "ChipSpec.qpes": (0, 255, "QPE"),
        "ChipSpec.lenders_per_qpe": (1, 63, "PE"),
        "ChipSpec.pes_per_qpe": (1, 64, "PE"),
        "ChipPower.voltage_mv": (100, 2_000, "mV"),
        "ChipPower.clock": (1_000, 10_000_000_000, "Hz"),
        "ChipPower.n_pe": (1, 1_000_000, "PE"),
        "ChipPower.power_mw": (0, 1_000_000, "mW"),
        "CommsSpec.fifo_events": (1, 1_000_000, "event"),
        "CommsSpec.crossing_cycles": (0, 1_000_000, "PE cycle"),
        "DeadPEs.pes": (0, 1_000_000, "PE"),
        "DeadPEs.from_timestep": (0, 1_000_000_000, "time step"),
        "ChipLinkFaults.loss": (0, 1, "1"),
        "ChipLinkFaults.bit_error": (0, 1, "1"),
        "ChipLinkFaults.max_resends": (0, 1_000, "resend"),
        "DmaFaults.probability": (0, 1, "1"),
        "DmaFaults.max_retries": (0, 1_000, "retry"),
        "DmaSpec.beat_bits": (8, 4_096, "bit"),
        "DmaSpec.cycles_per_beat": (1, 1_000, "PE cycle"),
        "DmaSpec.setup_cycles": (0, 1_000_000, "PE cycle"),
        "DmaSpec.completion_cycles": (0, 1_000_000, "PE cycle"),
        "EventRouterSpec.positions": (0, 255, "QPE"),
        "BatchSpec.groups": (2, 100_000, "group"),
        "BatchSpec.groups_per_host": (1, 100_000, "group"),
        "EventRouterSpec.clock": (1_000, 10_000_000_000, "Hz"),
        "EventRouterSpec.lookup_cycles": (1, 1_000_000, "router cycle"),
        "EventRouterSpec.packet_cycles": (1, 1_000_000, "router cycle"),
        "EventRouterSpec.table_entries": (1, 1_000_000, "entry"),
        "EventRouterSpec.drop_cycles": (1, 1_000_000, "router cycle"),
        "FaultsSpec.seed": (0, 9_223_372_036_854_775_807, "1"),
        "FaultsSpec.fifo_events": (1, 1_000_000, "event"),
        "HostFaults.probability": (0, 1, "1"),
        "HostFaults.delay": (0, 1_000_000_000_000, "ns"),
        "DramSpec.size_bytes": (0, 1_099_511_627_776, "B"),
        "DramSpec.rate": (1_000, 10_000_000_000_000, "bit/s"),
        "DramSpec.latency": (0, 1_000_000_000_000, "ns"),
        "HostSpec.ethernet_rate": (1_000, 10_000_000_000_000, "bit/s"),
        "HostSpec.packet_payload_bytes": (1, 65_507, "B"),
        "HostSpec.packet_overhead_bytes": (0, 1_099_511_627_776, "B"),
        "HostSpec.latency": (0, 1_000_000_000_000, "ns"),
        "HostSpec.write_rate": (1_000, 10_000_000_000_000, "bit/s"),
        "HostSpec.steps_per_buffer": (1, 10_000, "time step"),
        "NocLinkFaults.loss": (0, 1, "1"),
        "NocSpec.clock": (1_000, 10_000_000_000, "Hz"),
        "NocSpec.hop_cycles": (1, 1_000, "NoC cycle"),
        "NocSpec.link_cycles": (1, 1_000, "NoC cycle"),
        "NocSpec.packet_bits": (32, 4_096, "bit"),
        "NocSpec.payload_bits": (0, 4_096, "bit"),
        "NocSpec.fifo_flits": (1, 4_096, "flit"),
        "NocSpec.inject_cycles": (1, 1_000, "NoC cycle"),
        "NocSpec.eject_cycles": (1, 1_000, "NoC cycle"),
        "PESpec.clock": (1_000, 10_000_000_000, "Hz"),
        "PESpec.interrupt_entry_cycles": (0, 1_000_000, "PE cycle"),
        "PESpec.wake_cycles": (0, 1_000_000, "PE cycle"),
        "PESpec.interrupt_exit_cycles": (0, 1_000_000, "PE cycle"),
        "PESpec.dvfs_switch": (0, 1_000_000_000_000, "ns"),
        "PowerLevel.voltage_mv": (100, 2_000, "mV"),
        "PowerLevel.max_clock": (1_000, 10_000_000_000, "Hz"),
        "PowerLevel.sleep_mw": (0, 1_000, "mW"),
        "PowerLevel.cycle_pj": (0, 100_000, "pJ"),
        "PowerSpec.baseline_mw": (0, 1_000_000, "mW"),
        "PowerSpec.flit_hop_pj": (0, 100_000, "pJ"),
        "PowerSpec.link_bit_pj": (0, 100_000, "pJ"),
        "PowerSpec.dram_bit_pj": (0, 100_000, "pJ"),
        "PowerSpec.paper_uw_per_mhz": (0, 100_000, "uW/MHz"),
        "SlowPEs.pes": (0, 1_000_000, "PE"),
        "SlowPEs.factor": (1, 1_000, "1"),
        "SlowPEs.from_timestep": (0, 1_000_000_000, "time step"),
        "SramSpec.code_bytes": (0, 1_099_511_627_776, "B"),
        "SramSpec.data_bytes": (0, 1_099_511_627_776, "B"),
        "SramSpec.reserved_bytes": (0, 1_099_511_627_776, "B"),
        "SramSpec.banks": (1, 64, "bank"),
        "SramSpec.neighbour_read_cycles": (0, 1_000_000, "PE cycle"),
        "SramSpec.neighbour_write_cycles": (0, 1_000_000, "PE cycle"),
        "WorkloadSpec.n_samples": (1, 10_000_000, "sample"),
    }


# The schema is sound


def test_the_schema_is_json_and_every_reference_leads_somewhere():
    text = json.dumps(SCHEMA)
    for part in text.split('"$ref": "')[1:]:
        assert part.partition('"')[0].removeprefix("#/$defs/") in SCHEMA["$defs"]


def test_every_required_key_is_a_property_and_nothing_else_is_allowed():
    for model in (SCHEMA, *SCHEMA["$defs"].values()):
        assert set(model.get("required", ())) <= set(model["properties"]), model["title"]
        assert model["additionalProperties"] is False


def test_every_type_is_one_of_json_schema():
    for path, field in fields_of(SCHEMA):
        kinds = resolved(field).get("type", [])
        assert set([kinds] if isinstance(kinds, str) else kinds) <= set(KINDS), path


# The schema is true


@pytest.mark.parametrize("preset", ["paper-12pe", "paper-1pe"])
def test_a_scenario_agrees_with_the_schema(preset):
    assert agrees(load_scenario(preset=preset).model_dump(mode="json", exclude_none=True), SCHEMA)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("sede",), 1),
        (("n_pe",), 0),
        (("chip", "noc", "clok"), 1),
        (("chip", "noc", "hop_cycles"), 1_001),
        (("chip", "noc", "multicast"), "unicast"),
        (("chip", "qpes"), [[0, 0, 0]]),
        (("chip", "qpes"), [[0, 256]]),
        (("host", "latency"), None),
        (("power", "levels"), [{}]),
    ],
)
def test_what_a_scenario_may_not_be_disagrees_with_the_schema(path, value):
    content = load_scenario(preset="paper-12pe").model_dump(mode="json", exclude_none=True)
    at = content
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert not agrees(content, SCHEMA)
