from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.blocking import BlockingScheduler

stores = {"default": SQLAlchemyJobStore(url="sqlite:///jobs.sqlite")}
pools = {"default": ThreadPoolExecutor(5)}
scheduler = BlockingScheduler(jobstores=stores, executors=pools, timezone="UTC")


def pull():
    print("pulled", flush=True)


scheduler.add_job(pull, "interval", seconds=2, id="pull", replace_existing=True)
scheduler.start()
