#!/usr/bin/env python
# Runs beside the web process.
import datetime

from apscheduler.schedulers.blocking import BlockingScheduler as Scheduler

scheduler = Scheduler({'apscheduler.timezone': 'Europe/Paris'})

def tick():
	print("tick", datetime.datetime.now(), flush=True)

scheduler.add_job(tick, 'interval', seconds=2, id='tick')
scheduler.add_job(tick, 'cron', hour=3, id='nightly')

try:
	scheduler.start()
except (KeyboardInterrupt, SystemExit):
	pass
