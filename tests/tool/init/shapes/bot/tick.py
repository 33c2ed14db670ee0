from apscheduler.schedulers.blocking import BlockingScheduler

s = BlockingScheduler()


@s.scheduled_job("interval", seconds=2)
def tick():
    print("tick", flush=True)


s.start()
