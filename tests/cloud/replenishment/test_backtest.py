"""`partsbay backtest`: nothing of the future reaches a fit, and the protocol agrees with exact theory."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree
from scipy import stats

import partsbay
from cloud.replenishment.backtest import kept, methods
from cloud.replenishment.backtest.demand_table import read
from cloud.replenishment.backtest.foretold import Method, foretold
from cloud.replenishment.backtest.level_tables import level_tables
from cloud.replenishment.backtest.measures import naive_squares, pinball
from cloud.replenishment.backtest.simulation import simulate
from cloud.replenishment.forecasting.by_shape import ShapeForecast, poisson
from cloud.replenishment.forecasting.choosing import choose
from cloud.replenishment.forecasting.values import Demand
from tests.cloud.replenishment.drawn_months import drawn, whole, write


def all_methods(before: Demand) -> Iterator[tuple[str, Method]]:
    """Every method of the report; ours with the choice made from what came before."""
    yield methods.OURS, methods.ours(choose(before))
    yield from methods.textbooks().items()


def test_nothing_of_the_future_reaches_a_forecast() -> None:
    """Every method says the same, byte for byte, whatever the months to come hold; the choice among ways too."""
    true = drawn(130, 30)
    first = 26
    chance = np.random.default_rng(9)
    scrambled = true.quantity.copy()
    scrambled[:, first:] = chance.permuted(scrambled[:, first:], axis=0) * 7 + 3
    hidden = true.exposure.copy()
    hidden[:, first:] = chance.integers(0, 2, hidden[:, first:].shape)
    other = Demand(scrambled, hidden, true.group)
    assert (other.quantity[:, first:] != true.quantity[:, first:]).any()
    pairs = zip(all_methods(true.until(first)), all_methods(other.until(first)), strict=True)
    for (name, of_true), (_, of_other) in pairs:
        said, again = (
            foretold(each, demand, range(first, first + 1), 1) for each, demand in ((of_true, true), (of_other, other))
        )
        assert said.mean.tobytes() == again.mean.tobytes(), name
        assert said.quantiles.tobytes() == again.quantiles.tobytes(), name
        for one, two in zip(said.tables[0].tables, again.tables[0].tables, strict=True):
            assert one.fill.tobytes() == two.fill.tobytes(), name


def test_a_method_is_handed_no_more_than_the_months_before() -> None:
    demand, seen = drawn(5, 20), []

    def method(known: Demand) -> ShapeForecast:
        seen.append(known.quantity.shape[1])
        return poisson(known.quantity.mean(axis=1))

    foretold(method, demand, range(14, 20), 1)
    assert seen == [14, 15, 16, 17, 18, 19]


@pytest.mark.parametrize(("lead", "level", "fill"), [(1, 4, 0.9292), (0, 2, 0.8964), (2, 6, 0.9552)])
def test_the_simulation_agrees_with_exact_theory(lead: int, level: int, fill: float) -> None:
    """Poisson(1) a month: the share served at once is 1 - (E[D_{L+1} - S]+ - E[D_L - S]+)."""

    def above(mean: float) -> float:
        return sum((k - level) * stats.poisson.pmf(k, mean) for k in range(level, 60)) if mean else 0.0

    exact = 1 - (above(lead + 1) - above(lead))
    assert exact == pytest.approx(fill, abs=5e-5)
    demand = np.random.default_rng(1).poisson(1.0, (400, 400)).astype(float)
    outcome = simulate(demand, np.full(demand.shape, level), lead, 20)
    assert outcome.fill == pytest.approx(exact, abs=0.003)
    held = sum((level - k) * stats.poisson.pmf(k, lead + 1) for k in range(level))
    assert outcome.mean_on_hand == pytest.approx(held, rel=0.01)
    tables = level_tables(poisson(np.array([1.0])), lead)
    assert tables.tables[0].fill[0, level] == pytest.approx(exact, abs=1e-5)
    assert tables.by_fill(exact - 1e-4) == [level]


def test_the_simulation_by_hand() -> None:
    """S = 2, lead 1, demand 3 1 0 2: one waits after the first month, another after the second; three come then."""
    outcome = simulate(np.array([[3.0, 1, 0, 2]]), np.full((1, 4), 2), 1, 0)
    assert (outcome.short.tolist(), outcome.waiting.tolist(), outcome.on_hand.tolist()) == ([2], [3], [1])
    later = simulate(np.array([[3.0, 1, 0, 2]]), np.full((1, 4), 2), 1, 2)
    assert (later.asked.tolist(), later.short.tolist(), later.periods.tolist()) == ([2], [0], [2])


def test_pinball_and_the_naive_error_by_hand() -> None:
    came, known = np.array([[0.0, 4.0]]), np.ones((1, 2))
    assert pinball(came, np.array([[1, 2]]), 0.9, known) == pytest.approx(2 * (0.1 + 1.8) / 4)
    assert naive_squares(whole(np.array([[0.0, 0, 2, 0, 1], [0, 0, 0, 0, 0]]))).tolist() == [2.5, 0]


def test_stock_where_it_helps_most_keeps_its_promise_with_less() -> None:
    """Of two parts, one lumpy: together they are promised the fill asked for, with less stock than each by itself."""
    forecast = ShapeForecast(np.array([2.0, 0.3]), np.array([1.0, 9.0]))
    tables = level_tables(forecast, 1)
    level = kept.equal_price(tables, 0.95)
    each = tables.by_fill(0.95)
    assert tables.promised(level) >= 0.95
    assert level.sum() < each.sum()
    best = min((a + b for a, b in product(range(32), range(32)) if tables.promised(np.array([a, b])) >= 0.95))
    assert level.sum() <= best + 3


def test_a_table_of_months_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    demand = drawn(60, 30)
    exposure = demand.exposure.copy()
    exposure[3, :20] = 0
    exposure[4, 27] = 0
    file = write(tmp_path / "demand.csv", Demand(demand.quantity * exposure, exposure, demand.group))
    report_file = tmp_path / "report.json"
    words = ["backtest", str(file), "--holdout", "6", "--lead-time", "2", "--fill", "0.9", "--json", str(report_file)]
    assert partsbay.main(words) == 0
    report = json.loads(report_file.read_text(encoding="utf-8"))
    assert report["format"] == "partsbay-backtest/1"
    assert report["data"]["unknown_cells"] == 21
    assert (report["data"]["measured_from"], report["data"]["simulated_from"]) == ("2022-01", "2021-09")
    assert sum(report["data"]["classes"].values()) == 60
    assert max(report["choice"]["judged_from"], default="") < report["data"]["simulated_from"]
    for row in report["methods"]:
        true = row["at_true_fill"]
        assert true is None or 0.9 <= true["fill"] < 0.93
        stocks = [point["on_hand"] for point in row["curve"]]
        assert stocks == sorted(stocks)
        assert row["rmse"] > 0
    printed = capsys.readouterr().out
    for name in (methods.OURS, methods.SHARED, *methods.textbooks()):
        assert name in printed
    picture = ElementTree.parse(report_file.with_suffix(".svg")).getroot()
    assert len(picture.findall(".//{*}polyline")) == len(report["methods"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "found an empty file"),
        ("part,a,b\n", "expected a line for each part"),
        ("part\nx\n", "line 1: expected the part's column and one for each period, found 1"),
        ("part,a,a\nx,1,2\n", "line 1, column 3: expected each period once, found 'a' again"),
        ("part,a,,c\nx,1,2,3\n", "line 1, column 3: expected the period's name"),
        ("part,a,b\nx,1\n", "line 2: expected 3 columns, found 2"),
        ("part,a,b\nx,1,2,3\n", "line 2: expected 3 columns, found 4"),
        ("part,a,b\nx,1,two\n", "line 2, column 3: expected a whole number from 0 to 1,000,000, or nothing"),
        ("part,a,b\n\nx,1,-2\n", "line 3, column 3: expected a whole number"),
        ("part,a,b\nx,1,nan\n", "line 2, column 3: expected a whole number"),
        ("part,a,b\nx,1,1.5\n", "line 2, column 3: expected a whole number"),
        ("part,a,b\nx,1,2\nx,1,2\n", "line 3, column 1: expected each part once, found 'x' again, as on line 2"),
        ("part,a,b\n,1,2\n", "line 2, column 1: expected the part, found nothing"),
        ("part,a,b\nx,1,2\n", "expected 21 periods or more (6 to learn from, 3 to warm up, 12 held out), found 2"),
        ("part," + ",".join(map(str, range(24))) + "\nx" + ",0" * 24 + "\n", "expected some demand before"),
    ],
)
def test_a_table_that_is_none_is_refused(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "demand.csv"
    file.write_text(text, encoding="utf-8")
    assert partsbay.main(["backtest", str(file)]) == 2
    assert says in capsys.readouterr().err


def test_terms_that_cannot_be_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "demand.csv", drawn(3, 24))
    for words, says in (
        (["--holdout", "0"], "a holdout of 1 period or more, found 0"),
        (["--lead-time", "-1"], "a lead time of 0 periods or more, found -1"),
        (["--fill", "95"], "a fill rate between 0 and 1, found 95"),
    ):
        assert partsbay.main(["backtest", str(file), *words]) == 2
        assert says in capsys.readouterr().err


def test_tables_as_they_come_from_offices(tmp_path: Path) -> None:
    """A mark before UTF-8, GBK, semicolons, an empty cell: the same table."""
    file = tmp_path / "demand.csv"
    for encoding, sign in (("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", "\t")):
        lines = (["零件", "一月", "二月"], ["刹车片", "1", ""], ["机油滤清器", "0", "12"])
        file.write_bytes("\r\n".join(sign.join(each) for each in lines).encode(encoding))
        table = read(file)
        assert (table.parts, table.periods) == (("刹车片", "机油滤清器"), ("一月", "二月"))
        assert table.demand.quantity.tolist() == [[1, 0], [0, 12]]
        assert table.demand.exposure.tolist() == [[1, 0], [1, 1]]
