"""Will my flight be late? How often one airline's flights on one route were, by hour, wind, rain and age of the plane.

    python examples/will_my_flight_be_late.py UA EWR SFO

Two agencies answer in one query: transport (flights, planes, airlines) and meteorology (the weather of that hour).
Needs PGSB_URL and PGSB_API_KEY.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from publicgsb_sdk import Client

LATE_MINUTES = 15
WIND_MPH_MAX = 200  # the source holds one impossible value above it
Flight = dict[str, Any]
Group = Callable[[Flight], str | None]


def hour(flight: Flight) -> str:
    return f"{flight['hour'] // 6 * 6:02d}-{flight['hour'] // 6 * 6 + 6:02d} h"


def wind(flight: Flight) -> str | None:
    speed = flight["weather"] and flight["weather"]["wind_speed"]
    if speed is None or speed > WIND_MPH_MAX:
        return None
    return "calm (< 10 mph)" if speed < 10 else "breeze (10-20 mph)" if speed < 20 else "wind (20 mph and more)"


def rain(flight: Flight) -> str | None:
    inches = flight["weather"] and flight["weather"]["precip"]
    return None if inches is None else "rain or snow" if inches > 0 else "dry"


def age(flight: Flight) -> str | None:
    built = flight["plane"] and flight["plane"]["year"]
    return None if built is None else "under 10 years" if flight["year"] - built < 10 else "10 years and more"


def late_share(flights: Iterable[Flight], group: Group) -> dict[str, tuple[int, float]]:
    """For each group the number of flights that arrived, and the share of them that was late."""
    delays: dict[str, list[int]] = {}
    for flight in flights:
        name = group(flight)
        if name is not None and flight["arr_delay"] is not None:
            delays.setdefault(name, []).append(flight["arr_delay"])
    return {
        name: (len(minutes), sum(delay > LATE_MINUTES for delay in minutes) / len(minutes))
        for name, minutes in sorted(delays.items())
    }


def main(carrier: str, origin: str, dest: str) -> int:
    with Client() as gsb:
        airline = gsb.dataset("transport.airlines").where(carrier=carrier).first()
        flights = (
            gsb.dataset("transport.flights")
            .where(carrier=carrier, origin=origin, dest=dest)
            .select("year", "hour", "dep_time", "arr_delay", "weather.wind_speed", "weather.precip", "plane.year")
        )
        pages = list(flights.pages())
    flown = [flight for page in pages for flight in page.rows]
    if airline is None or not flown:
        print(f"No flights of {carrier} from {origin} to {dest}.", file=sys.stderr)
        return 1
    cancelled = sum(flight["dep_time"] is None for flight in flown) / len(flown)
    print(f"{airline['name']}, {origin} to {dest}: {len(flown)} flights, {cancelled:.1%} cancelled")
    groups: dict[str, Group] = {"all": lambda _: "", "hour": hour, "wind": wind, "rain": rain, "plane": age}
    for title, group in groups.items():
        for name, (count, share) in late_share(flown, group).items():
            print(f"  {title:6}{name:24}{count:6} flights {share:6.1%} more than {LATE_MINUTES} minutes late")
    print("Sources: " + "; ".join(sorted({receipt.attribution for page in pages for receipt in page.receipt})))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*(sys.argv[1:] if len(sys.argv) == 4 else ("UA", "EWR", "SFO"))))
