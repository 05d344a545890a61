"""Whoever tries passwords is slowed down; the right person is not locked out for good."""

from __future__ import annotations

from batch_editor.web.throttle import FORGOTTEN, FREE_OF_ADDRESS, FREE_OF_NAME, LONGEST, Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def tried(throttle: Throttle, clock: Clock, name: str, address: str, seconds: float) -> int:
    """How many passwords somebody has tried, who tries ten times a second for so long."""
    count, until = 0, clock.now + seconds
    while clock.now < until:
        count += throttle.begin(name, address) == 0
        clock.now += 0.1
    return count


def test_a_name_has_some_tries_and_then_waits_ever_longer() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [throttle.begin("x", f"10.0.0.{number}") for number in range(FREE_OF_NAME)] == [0] * FREE_OF_NAME
    waits = []
    for number in range(10):
        waits.append(wait := throttle.begin("x", f"10.0.1.{number}"))
        clock.now += wait
        assert throttle.begin("x", f"10.0.1.{number}") == 0
    assert waits == sorted(waits) and waits[0] == 1 and waits[-1] == LONGEST


def test_who_tries_for_an_hour_tries_few() -> None:
    clock = Clock()
    assert tried(Throttle(clock), clock, "x", "10.0.0.1", 3600) < 80


def test_an_address_waits_whatever_names_it_tries() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    waits = [throttle.begin(f"name {number}", "2001:db8::1") for number in range(FREE_OF_ADDRESS)]
    assert not any(waits)
    assert throttle.begin("another", "2001:db8::1") > 0
    assert throttle.begin("another", "2001:db8::ffff:1") > 0, "a machine has a whole network of IPv6"
    assert throttle.begin("another", "10.0.0.2") == 0


def test_the_right_person_gets_in_where_they_were_let_in_before() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert throttle.begin("x", "10.0.0.1") == 0
    throttle.succeeded("x", "10.0.0.1")
    for number in range(200):  # somebody with many addresses
        throttle.begin("x", f"10.1.{number}.1")
    assert throttle.begin("x", "10.9.0.1") > 0
    assert throttle.begin("x", "10.0.0.1") == 0


def test_what_is_tried_while_one_has_to_wait_makes_the_wait_no_longer() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    while throttle.begin("x", "10.0.0.1") == 0:
        pass
    clock.now += LONGEST
    assert throttle.begin("x", "10.0.0.1") == 0


def test_all_is_forgotten_after_an_hour() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    while throttle.begin("x", "10.0.0.1") == 0:
        pass
    clock.now += FORGOTTEN
    assert [throttle.begin("x", "10.0.0.1") for _ in range(FREE_OF_NAME)] == [0] * FREE_OF_NAME


def test_who_knows_one_password_guesses_others_no_faster() -> None:
    """A right password takes back its own try alone, not those of its address."""
    clock = Clock()
    throttle = Throttle(clock)
    guesses = 0
    for number in range(1000):
        guesses += throttle.begin(f"victim {number}", "10.0.0.1") == 0
        if throttle.begin("mine", "10.0.0.1") == 0:
            throttle.succeeded("mine", "10.0.0.1")
    assert guesses <= FREE_OF_ADDRESS


def test_a_flood_of_names_fills_no_memory() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(30_000):
        throttle.begin(f"name {number}", f"{number}")
    assert len(throttle._tries) <= 20_004
