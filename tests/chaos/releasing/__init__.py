"""What is done to releases on their way: kills, full disks, restarts, rivals. Who reads meanwhile sees nothing of it."""
