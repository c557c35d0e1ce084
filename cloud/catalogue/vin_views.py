"""What is said about a VIN."""

from typing import Literal

from pydantic import Field

from cloud.views import View

Source = Literal["model_table", "vpic", "wmi", "vin", "vehicle_file"]
Sure = Literal["sure", "likely", "guess"]


class Known(View):
    """One fact about a vehicle: where it comes from, and how sure it is."""

    value: str = Field(examples=["Freightliner"])
    source: Source = Field(
        description="model_table: your own; vpic: NHTSA; wmi: the maker's identifier; vin: the VIN's own characters; "
        "vehicle_file: the vehicle's file",
        examples=["vpic"],
    )
    sure: Sure = Field(examples=["sure"])


class VinVehicle(View):
    """Which vehicle it is; null where nobody knows."""

    make: Known | None = None
    model: Known | None = None
    engine: Known | None = None
    year: Known | None = None


class VinFinding(View):
    """Something about the VIN that somebody should know."""

    key: str = Field(description="what it is", examples=["check_digit_elsewhere"])
    severity: Literal["wrong", "remark"]
    values: dict[str, str] = Field(examples=[{"expected": "5", "found": "X"}])


class VinAnswer(View):
    """A VIN as it was read, and the vehicle it stands for."""

    vin: str = Field(examples=["1FUJGLDR9CSBK1234"])
    is_whole: bool = Field(description="it has the length and the characters of a VIN")
    wmi: str = Field(description="the maker's identifier", examples=["1FU"])
    region_zh: str = Field(examples=["美国"])
    region_en: str = Field(examples=["United States"])
    findings: list[VinFinding]
    perhaps: list[str] = Field(description="VINs that look alike and whose check digit fits")
    vehicle: VinVehicle
