"""What is expected of a part in a bin before its own history says it: borrowed from other shops, or its category.

A rate of a week, and how many weeks of the bin's own history it weighs as much as. Pure.

The first that there is:
- **the part in other shops of the dealer**: pieces a week and vehicle it fits there, times the vehicles of this shop
  that it fits (保有量); as much as `WEEKS_OF_PART` weeks, or as the weeks seen elsewhere where those are fewer;
- **the part's category**: pieces a week of a bin of the category, scaled by how busy this shop is beside the others
  (by its vehicles while it has no history); as much as `WEEKS_OF_CATEGORY` weeks.
Both are taken together by their weight, so that a part seen little elsewhere leans on its category too. A dealer with
no history at all gets weight 0: nothing to borrow.
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Ints

WEEKS_OF_PART = 8.0
WEEKS_OF_CATEGORY = 2.0
BUSY_MOST = 4.0  # how many times as busy as another a shop is taken to be at the most, by what is known of it


@dataclass(frozen=True)
class Seen:
    """What is known of each item: arrays by item, quantities in pieces or grams."""

    part: Ints  # a number by part
    shop: Ints
    group: Ints  # a number by category and unit
    asked: Floats  # in all its weeks
    weeks: Floats  # with stock to be asked for
    vehicles: Floats  # of the shop, that the part fits; 0: none is known
    shop_vehicles: Floats  # all of the shop


@dataclass(frozen=True)
class Priors:
    """Arrays by item: a rate in pieces or grams a week, and the weeks it weighs as much as."""

    rate: Floats
    weight: Floats


def priors(seen: Seen) -> Priors:
    """What to expect of every item, without what it knows itself."""
    part_rate, part_weeks = _of_part(seen)
    category_rate, category_weeks = _of_category(seen)
    weight = part_weeks + category_weeks
    rate = np.divide(
        part_rate * part_weeks + category_rate * category_weeks, weight, out=np.zeros_like(weight), where=weight > 0
    )
    return Priors(rate, weight)


def _of_part(seen: Seen) -> tuple[Floats, Floats]:
    """By the same part's bins in other shops, a vehicle."""
    vehicles = _known(seen.vehicles, seen.part)
    asked, weeks, driven = (
        _elsewhere(each, seen.part, seen.shop) for each in (seen.asked, seen.weeks, seen.weeks * vehicles)
    )
    rate = np.divide(asked, driven, out=np.zeros_like(asked), where=driven > 0) * vehicles
    return rate, np.where(driven > 0, np.minimum(weeks, WEEKS_OF_PART), 0.0)


def _of_category(seen: Seen) -> tuple[Floats, Floats]:
    """By the bins of the same category, as busy as the shop is."""
    asked, weeks = (_summed(each, seen.group) - each for each in (seen.asked, seen.weeks))
    rate = np.divide(asked, weeks, out=np.zeros_like(asked), where=weeks > 0)
    return rate * _busy(seen), np.where(weeks > 0, np.minimum(weeks, WEEKS_OF_CATEGORY), 0.0)


def _busy(seen: Seen) -> Floats:
    """How much is asked for in each item's shop beside what is asked for of the same groups everywhere."""
    usual = _summed(seen.asked, seen.group) / np.maximum(_summed(seen.weeks, seen.group), 1e-9) * seen.weeks
    here, expected = _summed(seen.asked, seen.shop), _summed(usual, seen.shop)
    vehicles = _known(seen.shop_vehicles, np.zeros_like(seen.shop))
    by_vehicles = vehicles / max(float(vehicles.mean()), 1e-9) if len(vehicles) else vehicles
    known = expected > 0
    found = np.divide(here, expected, out=by_vehicles.astype(np.float64).copy(), where=known)
    return np.clip(found, 1 / BUSY_MOST, BUSY_MOST)


def _known(vehicles: Floats, among: Ints) -> Floats:
    """With the mean of those known among the same in place of 0, and 1 where none is."""
    known = (vehicles > 0).astype(np.float64)
    mean = np.divide(
        _summed(vehicles, among), _summed(known, among), out=np.ones_like(vehicles), where=_summed(known, among) > 0
    )
    return np.where(vehicles > 0, vehicles, mean)


def _elsewhere(values: Floats, part: Ints, shop: Ints) -> Floats:
    """The sum over the same part's items, without those of the item's own shop."""
    pairs = part * (int(shop.max(initial=0)) + 1) + shop
    _, pair = np.unique(pairs, return_inverse=True)
    return _summed(values, part) - _summed(values, np.asarray(pair, np.int64))


def _summed(values: Floats, by: Ints) -> Floats:
    sums: Floats = np.bincount(by, weights=values, minlength=int(by.max(initial=0)) + 1).astype(np.float64)
    return sums[by]
