"""The web pages: plain HTML by Jinja2, in Persian and English, without scripts or anything from elsewhere."""
