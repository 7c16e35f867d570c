"""What is said into a microphone becomes text: by a model on this machine, or by a server that speaks OpenAI's protocol."""
