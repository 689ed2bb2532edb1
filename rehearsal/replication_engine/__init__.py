"""Copy the disk of a running machine block by block, keep points in time, and make a machine of one of them.

The console of CloudEndure and AWS MGN use it. It knows no API: a service keeps the records of its source machines and
gives the engine what `ports.py` names.

engine.py        one worker for each machine that is replicated
worker.py        initial sync, then the changed blocks, until it ends
ledger.py        what is recorded of the replication of one machine
replica.py       the replicated disk and its points in time
source.py        the disk of the source machine
launch.py        an image from a point in time, converted so that it boots as another machine
cloud.py, ec2.py the AWS account that instances are launched in
"""
