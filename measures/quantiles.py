"""Quantiles of the gamma and beta distributions, vectorised: what exact intervals are made of.

Incomplete gamma and beta by series and continued fractions (Press et al., Numerical Recipes, 6.2 and 6.4),
inverted by Halley steps kept inside a bracket.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
PRECISION = 1e-13
SMALLEST = 1e-300
CLOSE = 1e-4
"""A relative step so small leaves an error of its cube."""
MOST_STEPS = 100
LOOK_AGAIN = 8
"""Terms of a fraction between two looks at which of them are done."""
NORMAL = 1.959963984540054


def gamma_quantile(probability: float, shape: Array) -> Array:
    """x with P(Gamma(shape, 1) <= x) = probability (0.025 or 0.975); shapes above 0."""
    spread = shape + 10 * np.sqrt(shape) + 20
    normal = NORMAL * (1 if probability > 0.5 else -1)
    start = shape * np.maximum(1 - 1 / (9 * shape) + normal / (3 * np.sqrt(shape)), 0.05) ** 3
    constant = log_gamma(shape)
    return _invert(
        lambda at, x: _gamma_probability(shape[at], constant[at], x),
        lambda at, x: (shape[at] - 1) * np.log(x) - x - constant[at],
        lambda at, x: (shape[at] - 1) / x - 1,
        probability,
        (np.zeros_like(shape), spread, start),
    )


def beta_quantile(probability: float, a: Array, b: Array) -> Array:
    """x with P(Beta(a, b) <= x) = probability (0.025 or 0.975); a and b above 0."""
    constant = log_gamma(a) + log_gamma(b) - log_gamma(a + b)
    normal = NORMAL * (-1 if probability > 0.5 else 1)
    return _invert(
        lambda at, x: _beta_probability(a[at], b[at], constant[at], x),
        lambda at, x: (a[at] - 1) * np.log(x) + (b[at] - 1) * np.log1p(-x) - constant[at],
        lambda at, x: (a[at] - 1) / x - (b[at] - 1) / (1 - x),
        probability,
        (np.zeros_like(a), np.ones_like(a), _guess_beta(a, b, normal)),
    )


def _guess_beta(a: Array, b: Array, normal: float) -> Array:
    """Abramowitz and Stegun 26.5.22; the mean where a or b is below 1."""
    first, second = 1 / np.maximum(2 * a - 1, 0.5), 1 / np.maximum(2 * b - 1, 0.5)
    height = 2 / (first + second)
    third = (normal**2 - 3) / 6
    w = normal * np.sqrt(third + height) / height - (second - first) * (third + 5 / 6 - 2 / (3 * height))
    guess = a / (a + b * np.exp(2 * np.clip(w, -50, 50)))
    return np.where((a >= 1) & (b >= 1), np.clip(guess, 1e-12, 1 - 1e-12), a / (a + b))


def log_gamma(x: Array) -> Array:
    """Logarithm of the gamma function for x > 0 (Stirling's series after a shift by 12)."""
    z = x + 12
    series = 1 / (12 * z) - 1 / (360 * z**3) + 1 / (1260 * z**5) - 1 / (1680 * z**7)
    shifted = (z - 0.5) * np.log(z) - z + 0.5 * np.log(2 * np.pi) + series
    below = x.copy()
    for number in range(1, 12):
        below *= x + number
    return np.asarray(shifted - np.log(below))


def gamma_probability(shape: Array, x: Array) -> Array:
    """Regularised lower incomplete gamma P(shape, x)."""
    return _gamma_probability(shape, log_gamma(shape), x)


def _gamma_probability(shape: Array, constant: Array, x: Array) -> Array:
    scale = np.exp(shape * np.log(np.maximum(x, SMALLEST)) - x - constant)
    low = x < shape + 1
    found = np.empty_like(x)
    found[low] = _gamma_series(shape[low], x[low]) * scale[low]
    found[~low] = 1 - _gamma_fraction(shape[~low], x[~low]) * scale[~low]
    return found


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
    while np.any(np.abs(change - 1) > PRECISION):
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
    return _beta_probability(a, b, log_gamma(a) + log_gamma(b) - log_gamma(a + b), x)


def _beta_probability(a: Array, b: Array, constant: Array, x: Array) -> Array:
    scale = np.exp(a * np.log(x) + b * np.log1p(-x) - constant)
    flip = x > (a + 1) / (a + b + 2)
    first, second = np.where(flip, b, a), np.where(flip, a, b)
    part = scale * _beta_fraction(first, second, np.where(flip, 1 - x, x)) / first
    return np.where(flip, 1 - part, part)


def _beta_fraction(a: Array, b: Array, x: Array) -> Array:
    """Lentz's algorithm; what is done is left out of what follows."""
    found = np.empty_like(x)
    open_ones = np.arange(len(x))
    c = np.ones_like(x)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    h = d
    m = 0
    while len(open_ones):
        for _ in range(LOOK_AGAIN):
            m += 1
            twice = a + 2 * m
            even = m * (b - m) * x / ((twice - 1) * twice)
            odd = -(a + m) * (a + b + m) * x / (twice * (twice + 1))
            for step in (even, odd):
                d = 1 / _away_from_zero(1 + step * d)
                c = _away_from_zero(1 + step / c)
                change = d * c
                h = h * change
        left = np.abs(change - 1) > PRECISION
        found[open_ones[~left]] = h[~left]
        open_ones = open_ones[left]
        a, b, x, c, d, h = (some[left] for some in (a, b, x, c, d, h))
    return found


def _away_from_zero(x: Array) -> Array:
    return np.where(np.abs(x) < SMALLEST, SMALLEST, x)


Where = npt.NDArray[np.int64]


def _invert(
    probability_of: Callable[[Where, Array], Array],
    log_density: Callable[[Where, Array], Array],
    slope: Callable[[Where, Array], Array],
    probability: float,
    begin: tuple[Array, Array, Array],
) -> Array:
    """Solve probability_of(x) = probability; a Halley step that leaves the bracket is a bisection.

    The functions take which items are asked for and their x; `slope` is that of the log density; `begin` is the
    bracket and a first guess.
    """
    first_low, first_high, _ = begin
    low, high, x = (some.copy() for some in begin)
    at = np.arange(len(x))
    for _ in range(MOST_STEPS):
        here = x[at]
        error = probability_of(at, here) - probability
        low[at], high[at] = np.where(error < 0, here, low[at]), np.where(error < 0, high[at], here)
        newton = error / np.maximum(np.exp(log_density(at, here)), SMALLEST)
        step = here - newton / np.clip(1 - 0.5 * newton * slope(at, here), 0.5, 2)
        inside = (step > low[at]) & (step < high[at])
        x[at] = np.where(inside, step, (low[at] + high[at]) / 2)
        room = np.minimum(here - first_low[at], first_high[at] - here)
        at = at[~inside | (np.abs(x[at] - here) > CLOSE * room)]
        if not len(at):
            break
    return x
