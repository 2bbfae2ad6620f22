"""Pure maths of reinforcement learning, shared by the decision policy and the text policy."""
