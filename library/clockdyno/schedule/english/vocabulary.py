"""The words that a sentence about time may use, and those that it may not, with the reason."""

from clockdyno.schedule.dialects.cron_field import MONTHS, WEEKDAYS

UNITS = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "second"),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), "minute"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "hour"),
    **dict.fromkeys(("day", "days"), "day"),
    **dict.fromkeys(("week", "weeks"), "week"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("year", "years"), "year"),
}
PERIODS = {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
    "everyday": "day",
    "minutely": "minute",
}
NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
}
ORDINALS = {
    "first": "1",
    "second": "2",
    "third": "3",
    "fourth": "4",
    "fifth": "5",
    "last": "last",
    "sixth": "6",
    "seventh": "7",
    "eighth": "8",
    "ninth": "9",
    "tenth": "10",
    "fifteenth": "15",
    "twentieth": "20",
    "thirtieth": "30",
}
GROUPS = {"weekday": range(5), "weekend": range(5, 7)}
NAMED_TIMES = {"noon": 12, "midday": 12, "midnight": 0}
EVERY = ("every", "each")
EXCEPT = ("except", "excluding", "without")
TO = ("to", "until", "till", "through", "thru", "-", "and")
LINKS = (
    *(*EVERY, "other", "on", "at", "in", "from", "between", *TO[:4], "and", "starting", "ending"),
    *("the", "of", "half", "quarter", "am", "pm", "time", "utc", *EXCEPT),
)
KNOWN = tuple(
    dict.fromkeys(
        (
            *(*LINKS, *UNITS, *PERIODS, *NUMBERS, *ORDINALS, *GROUPS, *NAMED_TIMES),
            *(*(f"{name}s" for name in GROUPS), *(f"{day}s" for day in WEEKDAYS)),
            *(*WEEKDAYS, *MONTHS),
        )
    )
)

TWICE = ("say at which times of the day", ("every day at 9:00 and 21:00", "every 12 hours"))
CLOCK_TIME = ("say the time of day as a number", ("every day at 8:00", "every day at 20:00"))
RELATIVE = ("write the date itself", ("2027-01-05 09:00", "every day at 9:00"))
WORKING = (
    "no schedule knows holidays; Monday to Friday are 'weekdays'",
    ("weekdays at 9:00", "monday to friday at 9:00"),
)
BIWEEKLY = (
    "it means two times a week to some and every two weeks to others",
    ("mondays and thursdays at 8", "every 2 weeks on monday at 8"),
)
BIMONTHLY = (
    "it means two times a month to some and every two months to others",
    ("on the 1st and 15th at 9", "every 2 months on the 1st at 9"),
)
QUARTERLY = (
    "say on which day",
    ("every 3 months on the 1st at 9", "every 15 minutes"),
)
START = (
    "a clock starts on every deploy and once a day; say a time",
    ("every day at 9:00", "hourly"),
)
SUN = ("the clock knows no place on earth; say the time of day", CLOCK_TIME[1])
# Words that people use, and that have no one meaning in numbers.
REFUSED = {
    **dict.fromkeys(("twice", "thrice", "times"), TWICE),
    **dict.fromkeys(("morning", "afternoon", "evening", "night", "nightly"), CLOCK_TIME),
    **dict.fromkeys(("mornings", "afternoons", "evenings", "nights", "noonish"), CLOCK_TIME),
    **dict.fromkeys(("today", "tomorrow", "tonight", "next", "now", "this"), RELATIVE),
    **dict.fromkeys(("business", "working", "workday", "workdays", "holiday", "holidays"), WORKING),
    **dict.fromkeys(("biweekly", "semiweekly"), BIWEEKLY),
    **dict.fromkeys(("bimonthly", "semimonthly"), BIMONTHLY),
    **dict.fromkeys(("quarterly", "quarters"), QUARTERLY),
    # Both are places, too.
    **dict.fromkeys(("christmas", "easter"), RELATIVE),
    **dict.fromkeys(("startup", "reboot", "boot", "start"), START),
    **dict.fromkeys(("sunrise", "sunset", "dawn", "dusk"), SUN),
}
