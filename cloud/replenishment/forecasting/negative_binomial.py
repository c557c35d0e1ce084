"""The negative binomial by mean and dispersion, many items at a time.

Dispersion is variance over mean: 1 is Poisson, more is lumpier. Source: Johnson, Kemp and Kotz, Univariate Discrete
Distributions, 3rd ed. (2005), chapter 5; with r = mean / (dispersion - 1) and p = 1 / dispersion.
"""

import numpy as np

from cloud.replenishment.forecasting.values import Floats

LEAST_MEAN = 1e-9  # nothing is expected: everything at 0
LEAST_DISPERSION = 1 + 1e-6  # nearer to Poisson than can be told apart


def probabilities(mean: Floats, dispersion: Floats, top: int) -> Floats:
    """P(0), P(1) … P(top) by item: (items, top + 1). `mean` and `dispersion`: (items,).

    Each from the one before, P(k) = P(k - 1) (r + k - 1) / k (1 - p), as logarithms: no gamma function is needed.
    """
    mean = np.maximum(mean, LEAST_MEAN)[:, None]
    dispersion = np.maximum(dispersion, LEAST_DISPERSION)[:, None]
    size = mean / (dispersion - 1)
    step = np.arange(1.0, top + 1)[None, :]
    found = np.empty((len(mean), top + 1))
    found[:, :1] = -size * np.log(dispersion)
    np.log((size + step - 1) * ((dispersion - 1) / dispersion) / step, out=found[:, 1:])
    np.cumsum(found, axis=1, out=found)
    return np.exp(found, out=found)
