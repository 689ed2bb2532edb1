"""CloudFormation's side: on_event starts, is_complete looks; a failure is one sentence."""
