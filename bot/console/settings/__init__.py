"""What people set for the town: pages under /console/settings."""
