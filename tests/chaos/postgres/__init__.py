"""PostgreSQL stopped, away, and answers of its commits lost, while everybody spends."""
