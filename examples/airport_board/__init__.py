"""A board of departures, in Persian, that stays up and right while releases land and its key is rotated.

    export PGSB_URL=… PGSB_KEY_FILE=key WEBHOOK_SECRET_FILE=secret
    uvicorn --factory examples.airport_board.app:from_environment

Transport, aviation, standards and meteorology answer for each page. README.md beside tells the rest.
"""
