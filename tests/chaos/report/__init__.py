"""From what scenarios found to docs/reliability.md: findings, the rows of its table, the page and its pictures."""
