"""Data requests: anybody asks an agency for data, a statutory clock runs, and the answer or its absence is public."""
