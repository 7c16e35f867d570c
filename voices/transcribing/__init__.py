"""What is said into a microphone becomes text: by a model on this machine, or by a server of OpenAI's protocol.

>>> from personify.voices.transcribing import find_transcriber
>>> hearing = find_transcriber()                        # what is configured or here; asks nobody, loads nothing
>>> hearing.hear_wav(Path("question.wav").read_bytes()).text if hearing.available else hearing.how
"""

from personify.voices.transcribing.finding import find_transcriber
from personify.voices.transcribing.hearing import LONGEST_S, Heard, Hearing, NothingHears, Transcriber
from personify.voices.transcribing.wav_sound import MOST_BYTES

__all__ = ["LONGEST_S", "MOST_BYTES", "Heard", "Hearing", "NothingHears", "Transcriber", "find_transcriber"]
