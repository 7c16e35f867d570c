"""The detection benchmark: are the faces found, are they plausible, are they still the thing?"""
