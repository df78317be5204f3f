"""A claims file: what it must hold, and the messages if it does not."""

import pytest
import yaml

from spinn2sim.claims import load_claims
from spinn2sim.errors import MissingFileError, SpecError

CLAIM = {
    "id": "a",
    "section": "Time",
    "claim": "Something",
    "value": 1,
    "tolerance": {"why": "a count"},
    "provenance": {"origin": "text", "where": "Table 1", "known": "stated"},
    "compute": "module:function",
}
CONTENT = {
    "paper": "A paper",
    "page": "docs/page.md",
    "record": "slow.json",
    "sections": ["Time"],
    "claims": [CLAIM],
}


def load(tmp_path, content):
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.dump(content))
    return load_claims(path)


def test_a_claim_has_no_slow_function_and_is_a_prediction_unless_it_says_so(tmp_path):
    (claim,) = load(tmp_path, CONTENT).claims
    assert (claim.slow, claim.kind, claim.arguments) == (False, "prediction", {})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"simulator": 1}, "unknown key 'claims.0.simulator'"),
        ({"tolerance": {"absolute": 1}}, "key 'claims.0.tolerance.why' is missing"),
        ({"compute": "no function"}, "expected package.module:function"),
        ({"kind": "put in"}, "put_in_by goes with kind: put in"),
        ({"put_in_by": "the fit"}, "put_in_by goes with kind: put in"),
        ({"section": "Space"}, "claim 'a': section 'Space' is not in sections"),
    ],
)
def test_a_claim_that_cannot_be_used_is_refused_by_name(tmp_path, changes, problem):
    with pytest.raises(SpecError) as caught:
        load(tmp_path, CONTENT | {"claims": [CLAIM | changes]})
    assert problem in str(caught.value)


def test_an_id_stands_for_one_thing(tmp_path):
    left_out = [{"id": "a", "why": "no number"}]
    with pytest.raises(SpecError, match="id 'a' comes twice"):
        load(tmp_path, CONTENT | {"left_out": left_out})


def test_without_the_file_the_message_says_where_it_is(tmp_path):
    with pytest.raises(MissingFileError) as caught:
        load_claims(tmp_path / "paper.yaml")
    assert str(caught.value) == (
        f"claims file not found: {tmp_path / 'paper.yaml'}; it is part of the repository, not of "
        "the installed package: run this there"
    )
