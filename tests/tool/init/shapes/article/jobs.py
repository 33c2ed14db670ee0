from apscheduler.schedulers.blocking import BlockingScheduler
from updates import crunch, refresh

sched = BlockingScheduler()


@sched.scheduled_job('interval', seconds=2)
def timed_job():
    refresh()


@sched.scheduled_job('cron', day_of_week='sat-sun', hour='12–16', minute='0–59/15', timezone='America/New_York')
def scheduled_job():
    crunch()


@sched.scheduled_job('cron', day_of_week='sun-wed', hour='4')
def early_job():
    crunch()


@sched.scheduled_job('date', run_date='2099-01-05 09:00:00')
def one_day():
    crunch()


sched.start()
