"""AWS MGN ("AWS Transform MGN"): source servers with an agent, block replication, test and cutover launches.

models.py             source servers, jobs and templates, and the rules of the life cycle
api/                  the operations, one module for each subject
agents.py             registration and heartbeats of the agents: AWS publishes no protocol, this one is the rehearsal's
engine.py             the replication engine, as MGN uses it
source.py             a source server, as the replication engine sees it
launching.py          the work of a launch job
jobs.py               jobs, their threads and logs
launch_templates.py   the EC2 launch template of each server
permissions.py        what the caller of a launch must be allowed to do; AWS's managed policies for MGN
roles.py              the roles and profiles that InitializeService makes
events.py             what EventBridge gets
service.py            all of it, put together
"""
