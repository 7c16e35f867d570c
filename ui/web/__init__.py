"""The web app: describe a character, meet it, talk with it; a Gradio app with the live avatar in its middle."""
