"""The whole control plane on a simulated clock, with everything that can go wrong outside going wrong, by seed."""
