"""What people decide: what they are shown, with which key they sign, why they are refused."""
