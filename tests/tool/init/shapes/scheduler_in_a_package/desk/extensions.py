from apscheduler.schedulers.blocking import BlockingScheduler

scheduler = BlockingScheduler()
