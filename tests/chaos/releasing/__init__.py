"""What is done to releases on their way: kills, full disks, restarts, rivals. Readers see nothing of it."""
