"""What owners do: adopt, enforce, change the policy, look after the base, let old things go."""
