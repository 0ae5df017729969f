"""Money shared between areas: bases, targets, pace of change, position, pools and scenarios."""
