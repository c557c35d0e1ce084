"""A bin under its levels, played through with demand that is drawn: what levels promise is held against it.

Written from the rule alone: watched all the time, one request at most, loaded once a review period, and there after
the lead time; who finds the bin empty waits.
"""

from dataclasses import dataclass

import numpy as np

from cloud.replenishment.forecasting.values import Floats, Ints


@dataclass
class Played:
    """Of each item: (items,). `most` is the highest stock that was seen."""

    fill: Floats
    on_hand: Floats
    waiting: Floats
    orders: Floats  # a step
    most: Floats


def played(
    demand: Floats, reorder_point: Ints, order_up_to: Ints, pack: Ints, *, lead: int, review: int, warm_up: int = 200
) -> Played:
    """`demand`: (items, steps), of which `lead` and `review` take so many. Loaded at the end of a step."""
    items, steps = demand.shape
    stock, due = order_up_to.astype(float), np.zeros((lead + 1, items))
    asked, short, held, owed, orders, most = np.zeros((6, items))
    for step in range(steps):
        before = stock
        stock = stock - demand[:, step]
        if step >= warm_up:
            asked += demand[:, step]
            short += demand[:, step] - np.clip(before, 0, demand[:, step])
            held += (np.maximum(before, 0) + np.maximum(stock, 0)) / 2
            owed += (np.maximum(-before, 0) + np.maximum(-stock, 0)) / 2
        stock = stock + due[0]
        due = np.vstack([due[1:], np.zeros((1, items))])
        if step % review == 0:
            needs = (stock <= reorder_point) & (due.sum(axis=0) == 0)
            brought = np.where(needs, np.ceil((order_up_to - stock) / pack) * pack, 0)
            orders += needs & (step >= warm_up)
            if lead:
                due[lead - 1] = brought
            else:
                stock = stock + brought
        most = np.maximum(most, stock)
    counted = steps - warm_up
    return Played(1 - short / asked, held / counted, owed / counted, orders / counted, most)
