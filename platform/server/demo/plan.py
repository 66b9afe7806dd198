"""What the demo releases: its agencies, and its datasets in an order in which every link finds its target."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from publicgsb.datasets.contracts.model import Label

CONTRACTS = Path(__file__).parent / "contracts"
CONTACT = "demo@publicgsb.example"
EARLIER: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("aviation", "airports"): ("aviation/airports-20260315.csv",),
}


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """None of them is the real body of that name, and each says so."""

    slug: str
    name: Label
    contact: str = CONTACT


@dataclass(frozen=True, slots=True)
class DemoDataset:
    agency: str
    dataset: str
    contract: str  # the file's name in contracts/
    csv: str  # the path below the folder that `prepare` returns
    earlier: tuple[str, ...] = ()  # what the source published before, as releases before it, oldest first

    @property
    def contract_path(self) -> Path:
        return CONTRACTS / self.contract

    @property
    def releases(self) -> tuple[str, ...]:
        """The paths of all its files, the current one last."""
        return (*self.earlier, self.csv)


AGENCIES: tuple[DemoAgency, ...] = (
    DemoAgency("standards", Label("سازمان استاندارد (نمونه)", "Sample Standards Organisation")),
    DemoAgency("mapping", Label("سازمان نقشه‌برداری (نمونه)", "Sample Mapping Agency")),
    DemoAgency("aviation", Label("سازمان هواپیمایی کشوری (نمونه)", "Sample Civil Aviation Organisation")),
    DemoAgency("transport", Label("وزارت راه و ترابری (نمونه)", "Sample Ministry of Transport")),
    DemoAgency("meteorology", Label("سازمان هواشناسی (نمونه)", "Sample Meteorological Organisation")),
    DemoAgency("interior", Label("وزارت کشور (نمونه)", "Sample Ministry of Interior")),
)


def _datasets() -> Iterator[DemoDataset]:
    for agency, dataset in (
        ("standards", "countries"),
        ("standards", "subdivisions"),
        ("mapping", "countries"),
        ("mapping", "cities"),
        ("aviation", "airports"),
        ("meteorology", "weather"),
        ("transport", "airlines"),
        ("transport", "planes"),
        ("transport", "flights"),
        ("interior", "provinces"),
        ("interior", "counties"),
        ("interior", "districts"),
        ("interior", "rural_districts"),
        ("interior", "cities"),
        ("interior", "villages"),
    ):
        earlier = EARLIER.get((agency, dataset), ())
        yield DemoDataset(agency, dataset, f"{agency}__{dataset}.yaml", f"{agency}/{dataset}.csv", earlier)


DEMO: tuple[DemoDataset, ...] = tuple(_datasets())
