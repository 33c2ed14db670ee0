"""A schedule in words: what is typed comes back as a sentence that means the same."""

import pytest
from clockdyno.schedule import description
from clockdyno.schedule.typed import parse
from herokuclock.preview import joined

SAID = {
    "cron day_of_week=sat-sun hour=12-16 minute=0-59/15": (
        "At :00, :15, :30 and :45 past every hour from 12:00 to 16:59, on Saturday and Sunday"
    ),
    "every 15 minutes": "Every 15 minutes",
    "every 90 minutes": "Every 90 minutes",
    "weekdays at 17:00": "At 17:00, Monday to Friday",
    "every hour from 9am to 5pm": "Every hour from 09:00 to 17:00 every day",
    "cron hour=22-6": "Every hour from 22:00 to 06:00 every day",
    "cron hour=22-2 minute=*/15": (
        "At :00, :15, :30 and :45 past every hour from 22:00 to 02:59 every day"
    ),
    # Friday's night begins on Thursday: the hours are said one by one.
    "cron hour=22-2 minute=*/15 day_of_week=fri": (
        "At :00, :15, :30 and :45 past 00:00, 01:00, 02:00, 22:00 and 23:00, on Friday"
    ),
    "0 */2 * * *": "Every 2 hours from 00:00 to 22:00 every day",
    "0 9 * * fri-mon": "At 09:00, Friday to Monday",
    "0 9 1 nov-feb *": "At 09:00, on day 1, from November to February",
    "last day of the month at 23:00": "At 23:00, on the last day of the month",
    "first and third monday of the month at 9": (
        "At 09:00, on the first Monday and the third Monday of the month"
    ),
    "0 0 13 * fri": "At 00:00, on day 13 of the month; and at 00:00, on Friday",
    "every 2 weeks on monday at 9 starting 2027-01-04": (
        "Every 2 weeks on Monday at 09:00, from Monday 4 January 2027"
    ),
    "cron second=5": "At second 5",
    "cron second=5,20": "At seconds 5 and 20",
    "interval minutes=125": "Every 2 hours and 5 minutes",
    "cron hour=9 minute=0 month=2 day=3 year=2027,2028": (
        "At 09:00, on day 3, in February, in 2027 and 2028"
    ),
    "on 5 January 2027 at 09:00": "Once, on Tuesday 5 January 2027 at 09:00",
}


@pytest.mark.parametrize(("text", "words"), SAID.items())
def test_a_schedule_is_said_in_words(text, words):
    trigger = joined(parse(text), "America/New_York")
    assert description.describe(trigger) == f"{words}, New York time"
