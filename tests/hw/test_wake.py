"""A wake-up whose time is known beforehand, among other events of the same tick."""

import simpy

from spinn2sim.hw.wake import Wake


def test_wake_ups_of_a_tick_come_by_rank_and_one_without_as_any_other_event():
    env, order = simpy.Environment(), []

    def sleeper(name, event):
        yield event
        order.append((env.now, name))

    wakes = {name: Wake(env) for name in ("second", "first", "plain")}
    for name, wake in wakes.items():
        env.process(sleeper(name, wake))
    wakes["second"].at(5, rank=2)
    wakes["first"].at(5, rank=1)
    wakes["plain"].at(5)
    env.process(sleeper("timeout", env.timeout(5)))
    env.run()
    assert order == [(5, "plain"), (5, "timeout"), (5, "first"), (5, "second")]


def test_the_tick_is_one_of_the_whole_run():
    env = simpy.Environment()
    env.run(until=3)
    wake = Wake(env)
    wake.at(7)
    env.run(wake)
    assert env.now == 7
