"""The control plane: API actions, and the state that they share."""
