#!/usr/bin/env bash
# Guess: moto carries out later, or never, what AWS leaves for later: a change of an RDS instance with ApplyImmediately=False, and new instances of an auto scaling group
# whose Launch process is suspended.
# Behaviour: it does both at once. The instance has its new class, there is no pending change, and its status stays "available". The group lists Launch as suspended
# and has its two instances.
# Why it matters to us: a procedure that suspends launches until the target may serve, or that must not restart a database in the window, passes there in either case. The rehearsal's
# groups obey the suspension (rehearsal/aws/scaling).
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check 'moto[rds,ec2,autoscaling]==5.2.5' boto3==1.44.8 || exit 2
export AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=us-east-1
"$work/venv/bin/python" - <<'PY'
import sys
import boto3, moto
print("moto", moto.__version__)
with moto.mock_aws():
    rds = boto3.client("rds")
    rds.create_db_instance(DBInstanceIdentifier="site", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20, MasterUsername="admin", MasterUserPassword="not-a-secret")
    rds.modify_db_instance(DBInstanceIdentifier="site", DBInstanceClass="db.m5.large", ApplyImmediately=False)
    instance = rds.describe_db_instances()["DBInstances"][0]
    database = instance["DBInstanceClass"], instance.get("PendingModifiedValues") or {}, instance["DBInstanceStatus"]
    print("class, pending changes and status of the instance:", *database)
    scaling = boto3.client("autoscaling")
    image = boto3.client("ec2").describe_images()["Images"][0]["ImageId"]
    scaling.create_launch_configuration(LaunchConfigurationName="site", ImageId=image, InstanceType="t3.micro")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="site", LaunchConfigurationName="site", MinSize=0, MaxSize=2, DesiredCapacity=0, AvailabilityZones=["us-east-1a"]
    )
    scaling.suspend_processes(AutoScalingGroupName="site", ScalingProcesses=["Launch"])
    scaling.set_desired_capacity(AutoScalingGroupName="site", DesiredCapacity=2)
    group = scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    suspended, instances = [process["ProcessName"] for process in group["SuspendedProcesses"]], len(group["Instances"])
    print("suspended processes and number of instances of the group:", suspended, instances)
if database != ("db.m5.large", {}, "available") or (suspended, instances) != (["Launch"], 2):
    print("the behaviour has changed")
    sys.exit(1)
PY
