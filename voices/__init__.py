"""The tone: catalogue, matching (mixture of voices), speech, engines, effects."""
