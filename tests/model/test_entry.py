"""Entry of toxin: the published benchmarks, computed a second time with 50 decimal digits."""

from __future__ import annotations

import math
import re
from decimal import Decimal, getcontext
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endplate.catalogue import catalogue
from endplate.errors import ModelError
from endplate.model.junction import entry, linear, saturable

getcontext().prec = 50
K_B, K_T, K_L = Decimal("0.058"), Decimal("0.141"), Decimal("0.013")
RATES = st.floats(1e-4, 1.0)


def exact_pools(rates: list[Decimal], time: Decimal) -> list[Decimal]:
    """The chain by the exponential sum, which 50 digits make safe as long as the rates differ."""
    pools, product = [], Decimal(1)
    for index, _rate in enumerate(rates):
        total = Decimal(0)
        for i in range(index + 1):
            below = Decimal(1)
            for j in range(index + 1):
                below *= (rates[j] - rates[i]) if j != i else Decimal(1)
            total += (-rates[i] * time).exp() / below
        pools.append(product * total)
        product *= rates[index]
    return [*pools, 1 - sum(pools)]


def exact_time(rates: list[Decimal], level: str, read) -> float:
    low, high = Decimal(0), Decimal(10) ** 6
    for _ in range(150):
        middle = (low + high) / 2
        low, high = (middle, high) if read(exact_pools(rates, middle)) > Decimal(level) else (low, middle)
    return float(low)


def exact_t10(*supply: str) -> float:
    return exact_time([*map(Decimal, supply), K_B, K_T, K_L], "0.1", lambda pools: 1 - pools[-1])


def test_three_step_benchmark_b1_is_reproduced() -> None:
    inhibition = entry.t_inhib_min(entry.THREE_STEP)
    assert entry.t10_min(entry.THREE_STEP) == pytest.approx(exact_t10(), rel=1e-11)
    assert exact_t10() == pytest.approx(204.08, abs=0.005)
    assert inhibition == pytest.approx(float(Decimal(10).ln() / K_B), rel=1e-12)
    assert 1 - entry.tension(entry.THREE_STEP, [inhibition])[0] == pytest.approx(0.201, abs=0.0005)
    assert entry.time_to_tension_min(entry.THREE_STEP, 0.5) == pytest.approx(79.5, abs=0.05)


@pytest.mark.parametrize(
    ("supply", "recomputed"),
    [("0.1", 214.8), ("0.01", 370.9), ("0.001", 2407.1), ("0.00015", 15452.3), ("0.0001", 23127.4)],
)
def test_four_step_benchmark_b2_is_reproduced(supply: str, recomputed: float) -> None:
    ours = entry.t10_min(entry.EntryRates(supply_per_min=float(supply)))
    assert ours == pytest.approx(exact_t10(supply), rel=1e-10)
    assert ours == pytest.approx(recomputed, abs=0.05)


def test_printed_times_to_ten_percent_round_the_same_arithmetic() -> None:
    assert entry.t10_min(entry.THREE_STEP) == pytest.approx(204, abs=0.5)
    assert entry.t10_min(entry.FOUR_STEP_HUMAN) == pytest.approx(15450, rel=2e-4)
    assert entry.t10_min(entry.FOUR_STEP_HUMAN) / 1440 == pytest.approx(10.73, abs=0.005)  # not 106 days


def test_area_benchmark_b3_shows_where_print_and_arithmetic_part() -> None:
    assert entry.auc_unbound(entry.THREE_STEP, 300) == pytest.approx(300 / 0.058, rel=1e-14)
    assert 150 / math.tanh(0.029) == pytest.approx(
        5174, abs=0.5
    )  # printed: a trapezoid sum at one-minute steps
    assert entry.auc_unbound(entry.FOUR_STEP_HUMAN, 1, pools=("bulk",)) == pytest.approx(6666.667, abs=0.001)
    assert entry.auc_unbound(entry.FOUR_STEP_HUMAN, 1) == pytest.approx(6683.908, abs=0.001)  # bulk and free
    by_day_15 = entry.auc_unbound(entry.FOUR_STEP_HUMAN, 1, 15 * 1440, pools=("bulk",))
    assert by_day_15 == pytest.approx(6406, abs=0.5)  # printed: stopped at day 15
    assert by_day_15 == pytest.approx(-math.expm1(-3.24) / 0.00015, rel=1e-10)


def test_inhibition_benchmark_b4_converges_on_t10_when_supply_is_slow() -> None:
    human = entry.t_inhib_min(entry.FOUR_STEP_HUMAN)
    rates = [Decimal("0.00015"), K_B, K_T, K_L]
    assert human == pytest.approx(exact_time(rates, "0.1", lambda pools: pools[0] + pools[1]), rel=1e-11)
    assert human == pytest.approx(15368, abs=0.5)
    assert human / entry.t10_min(entry.FOUR_STEP_HUMAN) > 0.99


def test_the_table_in_the_docs_is_what_the_code_gives() -> None:
    page = Path(__file__).parents[2] / "docs" / "junction-benchmarks.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line.startswith("| B2 t10, kS")]
    assert len(rows) == 5
    for cells in rows:
        supply = re.search(r"kS ([0-9.]+)", cells[1])
        assert supply is not None
        assert float(cells[4]) == pytest.approx(entry.t10_min(entry.EntryRates(float(supply[1]))), rel=1e-6)


def test_defaults_are_those_of_the_catalogue() -> None:
    book, binding = catalogue(), saturable.SaturableBinding()
    ours = dict(
        zip(("k_bulk", "k_binding", "k_internalisation", "k_lytic"), entry.FOUR_STEP_HUMAN.chain, strict=True)
    )
    ours |= {"kon": binding.on_per_nm_min, "koff": binding.off_per_min}
    ours |= {"q10_binding": entry.BINDING_Q10, "kd": entry.KD_SYNAPTOSOME_NM}
    assert ours == {name: book.parameter(f"entry.{name}").value for name in ours}


def test_equal_rates_are_no_special_case() -> None:
    equal = entry.EntryRates(None, 0.05, 0.05, 0.05)
    x = 0.05 * 70
    assert entry.tension(equal, [70])[0] == pytest.approx(math.exp(-x) * (1 + x + x * x / 2), rel=1e-13)


def test_jax_runs_the_same_equations_and_its_gradient_holds_at_equal_rates() -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        xp, times = jax.numpy, np.array([0.0, 30.0, 200.0, 2000.0])
        mine = entry.entry_course(entry.FOUR_STEP_HUMAN, times)
        other = np.asarray(entry.entry_course(entry.FOUR_STEP_HUMAN, times, xp=xp))
        assert np.max(np.abs(mine - other)) < 1e-12

        def lytic(rates):
            return linear.propagator(linear.chain_matrix(rates, xp), 30.0, xp, squarings=2)[2, 0]

        slope = jax.grad(lytic)(xp.array([0.05, 0.05]))
        assert np.asarray(slope) == pytest.approx(0.5 * 0.05 * 900 * math.exp(-1.5), rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(rates=st.lists(RATES, min_size=1, max_size=6), time=st.floats(0, 1e4))
def test_toxin_is_conserved_and_never_negative(rates: list[float], time: float) -> None:
    course = linear.states(linear.chain_matrix(rates), [1.0, *[0.0] * len(rates)], [time / 2, time])
    assert course.min() >= 0
    assert course.sum(axis=1) == pytest.approx(1.0, abs=1e-11)


@settings(max_examples=40, deadline=None)
@given(rates=st.lists(RATES, min_size=2, max_size=5), time=st.floats(0, 1000), share=st.floats(0, 1))
def test_propagators_of_two_times_multiply(rates: list[float], time: float, share: float) -> None:
    matrix = linear.chain_matrix(rates)
    whole = linear.propagator(matrix, time)
    parts = linear.propagator(matrix, time * share) @ linear.propagator(matrix, time * (1 - share))
    assert np.max(np.abs(whole - parts)) < 1e-11


def test_a_batch_of_graphs_is_each_graph_alone() -> None:
    rates = np.array([[0.1, 0.2], [0.3, 0.3]])
    both = linear.propagator(linear.chain_matrix(rates), np.array([5.0, 50.0]))
    assert both[1] == pytest.approx(linear.propagator(linear.chain_matrix(rates[1]), 50.0), abs=1e-14)


def test_antibodies_scale_every_pool() -> None:
    times = [0, 60, 600]
    full, kept = (
        entry.entry_course(entry.FOUR_STEP_HUMAN, times, antibody_share=share) for share in (0.0, 0.25)
    )
    assert kept == pytest.approx(0.75 * full, abs=1e-15)


def test_binding_slows_in_the_cold_and_other_steps_do_not() -> None:
    cold = entry.at_temperature(entry.THREE_STEP, 25.0)
    assert cold.binding_per_min == pytest.approx(0.058 / 1.6, rel=1e-12)
    assert cold.internalisation_per_min == entry.THREE_STEP.internalisation_per_min
    assert entry.t10_min(cold) > entry.t10_min(entry.THREE_STEP)


def test_use_speeds_the_lytic_step_over_the_range_that_was_stimulated() -> None:
    assert entry.lytic_rate_per_min(0.01) == pytest.approx(0.013, rel=0.03)
    assert entry.lytic_rate_per_min(0.28) == pytest.approx(0.019, rel=0.01)
    busy = entry.EntryRates(lytic_per_min=0.019)
    share = 100 * entry.t10_min(busy) / entry.t10_min(entry.THREE_STEP)
    assert share == pytest.approx(94.6 - 85.4 * 0.28, abs=3.0)  # the paper's other regression, row P3.6


def test_linearity_error_at_a_label_site_is_half_a_percent() -> None:
    error = entry.linearity_error(4, 0.1, 9.0)
    assert error == pytest.approx(0.0046, abs=0.0001)
    assert error * entry.KD_SYNAPTOSOME_NM * 1e3 == pytest.approx(2.4, abs=0.01)  # pM


def test_saturable_binding_without_release_is_linear_at_a_low_dose() -> None:
    times = [10, 60, 240, 1000]
    binding = saturable.SaturableBinding(off_per_min=0.0)
    low = saturable.saturable_course(times, 1e-6, binding)[:, 1:] / 1e-6
    assert low == pytest.approx(entry.entry_course(entry.THREE_STEP, times), abs=2e-7)


def test_saturable_binding_keeps_toxin_and_takes_a_smaller_share_of_more() -> None:
    small, large = (saturable.saturable_course([30, 240], dose) / dose for dose in (0.01, 50.0))
    assert small.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert np.all(large[:, 4] < small[:, 4])


def test_first_order_error_of_linearity_is_what_saturation_costs() -> None:
    start = [saturable.saturable_course([2000], dose, saturable.SaturableBinding(receptor_nm=1e-4),
             entry.EntryRates(None, 0.058, 1e-9, 1e-9))[0, 2] / dose for dose in (1e-6, 0.0024)]  # fmt: skip
    assert 1 - start[1] / start[0] == pytest.approx(0.0024 / 0.518, rel=0.02)


def test_runge_kutta_is_of_order_four() -> None:
    start, binding = np.array([0, 1.0, 0, 0, 0]), saturable.SaturableBinding()
    times = np.array([60.0])
    runs = [saturable._runge_kutta(start, times, [n], binding, entry.THREE_STEP)[0] for n in (40, 80, 160)]
    first, second = (float(np.abs(a - b).max()) for a, b in pairwise(runs))
    assert math.log2(first / second) == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: entry.EntryRates(binding_per_min=-1.0),
        lambda: entry.EntryRates(binding_per_min=math.nan),
        lambda: entry.entry_course(entry.THREE_STEP, [5, 1]),
        lambda: entry.entry_course(entry.THREE_STEP, [math.inf]),
        lambda: entry.entry_course(entry.THREE_STEP, [1e300]),
        lambda: entry.entry_course(entry.THREE_STEP, [1], antibody_share=1.5),
        lambda: entry.time_to_tension_min(entry.THREE_STEP, 0.0),
        lambda: entry.at_temperature(entry.THREE_STEP, 90.0),
        lambda: entry.lytic_rate_per_min(50.0),
        lambda: entry.linearity_error(4, 0.0, 9.0),
        lambda: linear.propagator(np.array([[-1.0, -1.0], [1.0, 1.0]]), 1.0),
        lambda: saturable.saturable_course([1], -1.0),
        lambda: saturable.saturable_course([1e9], 1.0),
        lambda: saturable.SaturableBinding(receptor_nm=0.0),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(bad) -> None:
    with pytest.raises(ModelError) as caught:
        bad()
    assert "\n" not in str(caught.value)
