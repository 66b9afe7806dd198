# pyright: reportUnknownMemberType=false
# (matplotlib leaves the types of its keywords open.)
"""The second half of docs/quickstart.md: a DataFrame out of the API, and a plot with Persian labels."""

import matplotlib.pyplot as plt

from publicgsb_sdk import Client

with Client() as client:  # PGSB_URL and PGSB_API_KEY
    gsb = client.budget(points=20)
    airports = gsb.dataset("aviation.airports").where(country_code="IR").order_by("name")
    frame = airports.select("icao", "name", "city", "latitude", "longitude", "elevation").to_pandas()
    spent = gsb.spending.spent if gsb.spending else 0

print(frame.head(3).to_string(index=False))
print(f"{len(frame)} airports in {spent} points. Source: {frame.attrs['gsb']['receipt'][0]['attribution']}")

figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
metres = frame["elevation"] * 0.3048
dots = axes.scatter(frame["longitude"], frame["latitude"], c=metres, cmap="terrain", edgecolors="black")
figure.colorbar(dots, label="ارتفاع از دریا (متر)")
axes.set(title="فرودگاه‌های ایران", xlabel="طول جغرافیایی", aspect=1.2)
axes.set_ylabel("عرض جغرافیایی", labelpad=8)
figure.savefig("airports.png", dpi=120)
print("The plot is airports.png.")
