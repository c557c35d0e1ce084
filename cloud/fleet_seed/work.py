"""A shop's vehicles and jobs: what mechanics charge parts to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt
from random import Random

from cloud.fleet_seed.asked import DAY_MS, HOUR_MS, Asked
from cloud.fleet_seed.fleets import ShopDrawn
from cloud.fleet_seed.rows import Row, Rows, Sheet
from cloud.fleet_seed.shop_words import GIVEN, SURNAMES, TITLES
from cloud.fleet_seed.vehicle_words import MODELS, plate, vin
from cloud.tables import Job, ServiceInterval, Table, Vehicle, VehicleReading

JOB = Sheet(Job, "shop_id id dealer_id title vehicle plate vin opened_ms opened_by closed_ms source")
KM_A_YEAR = 90_000
TO_A_JOB = 0.66
INTERVALS = (("更换机油三滤", 30_000, 6), ("二级保养", 60_000, 12), ("更换刹车片", 120_000, 0))


@dataclass
class Work:
    """The vehicles of one shop and the job that is open at each moment."""

    asked: Asked
    shop: ShopDrawn
    rows: Rows
    draw: Random
    vehicles: list[Vehicle] = field(default_factory=list)
    _mechanics: list[str] = field(default_factory=list)
    _shares: list[float] = field(default_factory=list)
    _open: list[Row] = field(default_factory=list)
    _made: int = 0

    def begin(self) -> None:
        """Draw the vehicles and write them with their readings and what falls due."""
        people = self.shop.document.people
        self._mechanics = [person.id for person in people if person.role == "mechanic"]
        count = 25 + round(260 * sqrt(min(1.0, self.asked.scale)) * self.draw.uniform(0.6, 1.4))
        self.vehicles = [self._vehicle(number) for number in range(1, count + 1)]
        self._shares = [1 / (3 + number) for number in range(count)]
        for vehicle in self.vehicles:
            self.rows.keep(vehicle, *self._readings(vehicle))

    def mechanic(self, draw: Random) -> str:
        """Somebody of the shop; rarely nobody knows who."""
        return draw.choice(self._mechanics) if draw.random() > 0.004 else ""

    def account(self, draw: Random, at_ms: int) -> tuple[str, str]:
        """(account, job) of what is taken now: a job, or the shop when none is named."""
        if draw.random() > TO_A_JOB:
            return f"shop:{self.shop.id}", ""
        return self.job(draw, at_ms)

    def job(self, draw: Random, at_ms: int) -> tuple[str, str]:
        """One of the jobs in work, or a new one."""
        goes_on = self._open and draw.random() < 0.55
        name = str(draw.choice(self._open)[1]) if goes_on else self._new_job(draw, at_ms)
        return f"job:{name}", name

    def end(self) -> None:
        """Write the jobs that are still open."""
        self.rows.add(JOB, [row if row[7] < self.asked.until_ms - DAY_MS else _opened(row) for row in self._open])

    def _new_job(self, draw: Random, at_ms: int) -> str:
        self._made += 1
        vehicle = draw.choices(self.vehicles, self._shares)[0]
        name = f"{self.shop.id}-{self._made}"
        closed_ms = at_ms + draw.randint(1, 30) * HOUR_MS
        source = draw.choice(("kiosk", "kiosk", "cloud", "api"))
        by = draw.choice(self._mechanics)
        self._open.append((
            self.shop.id, name, self.shop.dealer.id, draw.choice(TITLES), vehicle.id, vehicle.plate, vehicle.vin,
            at_ms, by, closed_ms, source,
        ))  # fmt: skip
        if len(self._open) > 8:
            self.rows.add(JOB, [self._open.pop(0)])
        return name

    def _vehicle(self, number: int) -> Vehicle:
        draw = self.draw
        model = draw.choices(MODELS, [model.share for model in MODELS])[0]
        year = draw.randint(max(2010, model.from_year), model.to_year)
        shown = plate(draw)
        return Vehicle(
            shop_id=self.shop.id,
            id=f"{self.shop.id}-v{number}",
            dealer_id=self.shop.dealer.id,
            plate=shown,
            plain_plate=shown,
            vin=vin(draw, model, year),
            make=model.make,
            model=model.model,
            engine=model.engine,
            year=year,
            owner=draw.choice(SURNAMES) + draw.choice(GIVEN)
            if draw.random() < 0.5
            else f"{draw.choice(SURNAMES)}氏物流",
            made_ms=self.asked.from_ms - draw.randint(1, 400) * DAY_MS,
        )

    def _readings(self, vehicle: Vehicle) -> Iterator[Table]:
        draw = self.draw
        km = draw.randint(5_000, 900_000)
        times_ms = sorted(
            {self.asked.from_ms + draw.randrange(self.asked.days * DAY_MS) for _ in range(draw.randint(1, 5))}
        )
        before_ms = self.asked.from_ms
        for at_ms in times_ms:
            km += int((at_ms - before_ms) / (365 * DAY_MS) * KM_A_YEAR * draw.uniform(0.6, 1.4))
            before_ms = at_ms
            yield VehicleReading(
                shop_id=self.shop.id, vehicle=vehicle.id, at_ms=at_ms, dealer_id=self.shop.dealer.id, km=km,
                told_by=draw.choice(self._mechanics),
            )  # fmt: skip
        for title, every_km, every_months in INTERVALS[: draw.randint(0, 3)]:
            yield ServiceInterval(
                shop_id=self.shop.id, vehicle=vehicle.id, title=title, dealer_id=self.shop.dealer.id,
                every_km=every_km, every_months=every_months, last_km=max(0, km - draw.randint(0, 50_000)),
                last_ms=before_ms - draw.randint(0, 150) * DAY_MS,
            )  # fmt: skip


def _opened(row: Row) -> Row:
    """A job that is still in work."""
    return (*row[:9], 0, *row[10:])
