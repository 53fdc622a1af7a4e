"""Distributions by inversion, as scalars: a uniform number in, a duration or count out. Compiled as they stand, as the
rules are."""

from __future__ import annotations

import math

from sim.clock import NEVER
from sim.vocabulary import KEY_ROOM


def whole_minutes(x: float) -> int:
    """A duration in whole minutes, at least one; NEVER if it is longer than any run."""
    if not x < 1e9:
        return NEVER
    return max(1, int(x + 0.5))


def exponential(u: float, mean: float) -> float:
    """Exponential by inversion."""
    return -mean * math.log(1.0 - u)


def normal(u: float) -> float:
    """Standard normal quantile, Wichura's algorithm AS 241 (PPND16), relative error about 1e-16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        num = 2509.0809287301226727 * r + 33430.575583588128105
        num = (num * r + 67265.770927008700853) * r + 45921.953931549871457
        num = ((num * r + 13731.693765509461125) * r + 1971.5909503065514427) * r + 133.14166789178437745
        num = num * r + 3.387132872796366608
        den = 5226.495278852545925 * r + 28729.085735721942674
        den = (den * r + 39307.89580009271061) * r + 21213.794301586595867
        den = ((den * r + 5394.1960214247511077) * r + 687.1870074920579083) * r + 42.313330701600911252
        den = den * r + 1.0
        return q * num / den
    r = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-math.log(r))
    if r <= 5.0:
        r -= 1.6
        num = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
        num = (num * r + 0.24178072517745061177) * r + 1.27045825245236838258
        num = ((num * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r + 4.6303378461565452959
        num = num * r + 1.42343711074968357734
        den = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
        den = (den * r + 0.0151986665636164571966) * r + 0.14810397642748007459
        den = ((den * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r + 2.05319162663775882187
        den = den * r + 1.0
    else:
        r -= 5.0
        num = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
        num = (num * r + 0.0012426609473880784386) * r + 0.026532189526576123093
        num = ((num * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r + 5.4637849111641143699
        num = num * r + 6.6579046435011037772
        den = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7
        den = (den * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4
        den = ((den * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r + 0.59983220655588793769
        den = den * r + 1.0
    z = num / den
    return -z if q < 0.0 else z


def count_geometric(u: float, more: float) -> int:
    """1 + the number of times that one more is added, each with probability `more`; at most KEY_ROOM."""
    if more <= 0.0:
        return 1
    return min(KEY_ROOM, 1 + int(math.log(1.0 - u) / math.log(more)))
