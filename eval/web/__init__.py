"""What the web app reaches, measured in a real browser."""
