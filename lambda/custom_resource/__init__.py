"""The custom resources of CloudFormation: on_event starts, is_complete polls. A failure is one sentence."""
