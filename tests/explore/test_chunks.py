"""Chunks: cheap points travel together, dear ones alone, and the last ones are shared out."""

from types import SimpleNamespace

from spinn2sim.explore.chunks import CHUNK_S, MAX_CHUNK, Chunks
from tests.explore.sweeps import answer


def points(n, fidelity="check"):
    return [SimpleNamespace(key=str(k), fidelity=fidelity) for k in range(n)]


def learned(chunks, wall_s, n=1):
    chunks.learn([answer("a", wall_s=wall_s)] * n)
    return chunks


def test_the_first_chunk_is_one_point_to_learn_from():
    assert len(Chunks(points(100)).take(2)) == 1


def test_a_chunk_takes_about_a_second():
    chunks = learned(Chunks(points(10_000)), 0.02)
    assert len(chunks.take(2)) == CHUNK_S / 0.02


def test_dear_points_travel_alone_and_cheap_ones_not_in_any_number():
    assert len(learned(Chunks(points(100)), 30.0).take(2)) == 1
    assert len(learned(Chunks(points(10_000)), 0.0).take(2)) == MAX_CHUNK


def test_a_first_point_that_loaded_the_code_does_not_slow_the_rest():
    chunks = learned(learned(Chunks(points(10_000)), 8.0), 0.02)
    assert len(chunks.take(2)) == CHUNK_S / 0.02


def test_towards_the_end_chunks_shrink_and_every_point_is_taken_once():
    chunks = learned(Chunks(points(50)), 0.001)
    sizes, keys = [], []
    while len(chunks):
        taken = chunks.take(2)
        sizes.append(len(taken))
        keys += [point.key for point in taken]
    assert sizes[0] <= 13
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
    assert keys == [str(k) for k in range(50)]


def test_a_chunk_is_of_one_fidelity():
    chunks = learned(Chunks(points(3) + points(3, "simulate")), 0.001)
    fidelities = []
    while len(chunks):
        fidelities.append({point.fidelity for point in chunks.take(1)})
    assert all(len(each) == 1 for each in fidelities)
