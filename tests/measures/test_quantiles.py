"""Quantiles: the same numbers as scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from measures.quantiles import beta_probability, beta_quantile, gamma_probability, gamma_quantile, log_gamma

SEED = 20261123


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        pytest.param(1.0, 0.0, id="gamma_1_is_1"),
        pytest.param(2.0, 0.0, id="gamma_2_is_1"),
        pytest.param(0.5, 0.5723649429247001, id="gamma_of_a_half_is_root_pi"),
        pytest.param(6.0, 4.787491742782046, id="gamma_6_is_120"),
    ],
)
def test_log_gamma(x: float, expected: float) -> None:
    assert log_gamma(np.array([x]))[0] == pytest.approx(expected, abs=1e-12)


def test_log_gamma_is_that_of_scipy() -> None:
    x = np.exp(np.random.default_rng(SEED).uniform(np.log(0.01), np.log(1e6), 10_000))
    np.testing.assert_allclose(log_gamma(x), special.gammaln(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "x", "expected"),
    [
        pytest.param(1.0, 1.0, 0.6321205588285577, id="exponential"),
        pytest.param(1.0, 4.0, 0.9816843611112658, id="exponential_by_the_continued_fraction"),
        pytest.param(0.5, 1.0, 0.8427007929497149, id="error_function"),
        pytest.param(3.0, 0.0, 0.0, id="nothing_at_0"),
    ],
)
def test_gamma_probability(shape: float, x: float, expected: float) -> None:
    assert gamma_probability(np.array([shape]), np.array([x]))[0] == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("a", "b", "x", "expected"),
    [
        pytest.param(1.0, 1.0, 0.3, 0.3, id="uniform"),
        pytest.param(2.0, 1.0, 0.3, 0.09, id="square"),
        pytest.param(1.0, 2.0, 0.3, 0.51, id="square_from_the_other_end"),
        pytest.param(0.5, 0.5, 0.5, 0.5, id="arcsine"),
        pytest.param(7.0, 7.0, 0.5, 0.5, id="symmetric"),
    ],
)
def test_beta_probability(a: float, b: float, x: float, expected: float) -> None:
    assert beta_probability(np.array([a]), np.array([b]), np.array([x]))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("probability", [0.025, 0.975])
def test_gamma_quantile_is_that_of_scipy(probability: float) -> None:
    shape = np.exp(np.random.default_rng(SEED).uniform(np.log(0.5), np.log(20_000), 2_000))
    expected = stats.gamma.ppf(probability, shape)
    np.testing.assert_allclose(gamma_quantile(probability, shape), expected, rtol=1e-9)


@pytest.mark.parametrize("probability", [0.025, 0.975])
def test_beta_quantile_is_that_of_scipy(probability: float) -> None:
    random = np.random.default_rng(SEED)
    a, b = np.exp(random.uniform(np.log(0.5), np.log(500), (2, 2_000)))
    expected = stats.beta.ppf(probability, a, b)
    np.testing.assert_allclose(beta_quantile(probability, a, b), expected, rtol=1e-9)


def test_a_quantile_turns_its_probability_back() -> None:
    shape = np.array([0.5, 1.0, 9.0, 250.0])
    np.testing.assert_allclose(gamma_probability(shape, gamma_quantile(0.025, shape)), 0.025, rtol=1e-9)
    np.testing.assert_allclose(
        beta_probability(shape, shape + 3, beta_quantile(0.975, shape, shape + 3)), 0.975, rtol=1e-9
    )
