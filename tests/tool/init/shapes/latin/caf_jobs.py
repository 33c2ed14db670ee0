# -*- coding: latin-1 -*-
from apscheduler.schedulers.blocking import BlockingScheduler
sched = BlockingScheduler()  # l'été
@sched.scheduled_job('interval', seconds=2)
def brew(): print('café'.encode('ascii', 'replace'), flush=True)
sched.start()