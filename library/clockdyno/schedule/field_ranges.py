"""What the fields of a cron schedule may hold, and the day from which intervals count."""

RANGES = {
    "year": (1970, 9999),
    "month": (1, 12),
    "day": (1, 31),
    "week": (1, 53),
    "day_of_week": (0, 6),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}

# A Monday: intervals without a start date count from its midnight, each in its own zone.
GRID_DAY = "2024-01-01"
