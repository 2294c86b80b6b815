"""Quantiles of the gamma and beta distributions, vectorised: what exact intervals are made of.

Incomplete gamma and beta by series and continued fractions (Press et al., Numerical Recipes, 6.2 and 6.4),
inverted by Newton steps kept inside a bracket.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
PRECISION = 1e-15
SMALLEST = 1e-300


def gamma_quantile(probability: float, shape: Array) -> Array:
    """x with P(Gamma(shape, 1) <= x) = probability; shapes above 0."""
    spread = shape + 10 * np.sqrt(shape) + 20
    normal = 1.959963984540054 * (1 if probability > 0.5 else -1)
    start = shape * np.maximum(1 - 1 / (9 * shape) + normal / (3 * np.sqrt(shape)), 0.05) ** 3
    return _invert(
        lambda x: gamma_probability(shape, x),
        lambda x: (shape - 1) * np.log(x) - x - log_gamma(shape),
        probability,
        np.zeros_like(shape),
        spread,
        start,
    )


def beta_quantile(probability: float, a: Array, b: Array) -> Array:
    """x with P(Beta(a, b) <= x) = probability; a and b above 0."""
    return _invert(
        lambda x: beta_probability(a, b, x),
        lambda x: (a - 1) * np.log(x) + (b - 1) * np.log1p(-x) + log_gamma(a + b) - log_gamma(a) - log_gamma(b),
        probability,
        np.zeros_like(a),
        np.ones_like(a),
        a / (a + b),
    )


def log_gamma(x: Array) -> Array:
    """Logarithm of the gamma function for x > 0 (Stirling's series after a shift by 12)."""
    z = x + 12
    series = 1 / (12 * z) - 1 / (360 * z**3) + 1 / (1260 * z**5) - 1 / (1680 * z**7)
    shifted = (z - 0.5) * np.log(z) - z + 0.5 * np.log(2 * np.pi) + series
    return np.asarray(shifted - np.log(x[..., None] + np.arange(12)).sum(axis=-1))


def gamma_probability(shape: Array, x: Array) -> Array:
    """Regularised lower incomplete gamma P(shape, x)."""
    scale = np.exp(shape * np.log(np.maximum(x, SMALLEST)) - x - log_gamma(shape))
    low = x < shape + 1
    by_series = _gamma_series(shape, np.where(low, x, 0)) * scale
    by_fraction = 1 - _gamma_fraction(shape, np.where(low, shape + 1, x)) * scale
    return np.where(low, by_series, by_fraction)


def _gamma_series(shape: Array, x: Array) -> Array:
    term = total = 1 / shape
    n = 0
    while np.any(term > total * PRECISION):
        n += 1
        term = term * x / (shape + n)
        total = total + term
    return total


def _gamma_fraction(shape: Array, x: Array) -> Array:
    b = x + 1 - shape
    c = np.full_like(x, 1 / SMALLEST)
    d = 1 / b
    h = d
    n = 0
    change = np.full_like(x, 2.0)
    while np.any(np.abs(change - 1) > PRECISION * 4):
        n += 1
        step = -n * (n - shape)
        b = b + 2
        d = 1 / _away_from_zero(step * d + b)
        c = _away_from_zero(b + step / c)
        change = d * c
        h = h * change
    return h


def beta_probability(a: Array, b: Array, x: Array) -> Array:
    """Regularised incomplete beta I_x(a, b) for 0 < x < 1."""
    scale = np.exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * np.log(x) + b * np.log1p(-x))
    flip = x > (a + 1) / (a + b + 2)
    first, second = np.where(flip, b, a), np.where(flip, a, b)
    at = np.where(flip, 1 - x, x)
    part = scale * _beta_fraction(first, second, at) / first
    return np.where(flip, 1 - part, part)


def _beta_fraction(a: Array, b: Array, x: Array) -> Array:
    c = np.ones_like(x)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    h = d
    m = 0
    change = np.full_like(x, 2.0)
    while np.any(np.abs(change - 1) > PRECISION * 4):
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _away_from_zero(1 + step * d)
            c = _away_from_zero(1 + step / c)
            change = d * c
            h = h * change
    return h


def _away_from_zero(x: Array) -> Array:
    return np.where(np.abs(x) < SMALLEST, SMALLEST, x)


def _invert(
    probability_of: Callable[[Array], Array],
    log_density: Callable[[Array], Array],
    probability: float,
    low: Array,
    high: Array,
    start: Array,
) -> Array:
    """Solve probability_of(x) = probability; a Newton step that leaves the bracket is a bisection."""
    x = start
    for _ in range(100):
        error = probability_of(x) - probability
        low, high = np.where(error < 0, x, low), np.where(error < 0, high, x)
        step = x - error / np.maximum(np.exp(log_density(x)), SMALLEST)
        following = np.where((step > low) & (step < high), step, (low + high) / 2)
        if np.all(np.abs(following - x) <= 1e-12 * np.abs(following) + SMALLEST):
            return following
        x = following
    return x
