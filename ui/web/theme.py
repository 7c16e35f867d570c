"""How Gradio's own parts look, and what its page loads besides: quiet colours under the app's own style sheet."""

from typing import Any

PAPER, INK, ACCENT = "#faf6ef", "#2b221b", "#b4472a"
NIGHT, CHALK, EMBER = "#1a1512", "#f3ebe1", "#ff9a6e"
"""Light: ground, text and accent; dark likewise. style.css has them too, with all their shades."""

_SERIF = "Iowan Old Style, Palatino Linotype, Palatino, P052, Book Antiqua, Georgia, serif"

HEAD = (
    '<link rel="stylesheet" href="/personify/live/style.css">'
    '<link rel="modulepreload" href="/personify/live/main.js">'
    '<link rel="icon" type="image/svg+xml" href="/personify/live/icon.svg">'
    '<meta name="color-scheme" content="light dark">'
    f'<meta name="theme-color" media="(prefers-color-scheme: light)" content="{PAPER}">'
    f'<meta name="theme-color" media="(prefers-color-scheme: dark)" content="{NIGHT}">'
)
"""Everything comes from this server: no font, script or picture of another host."""


def look() -> dict[str, Any]:
    """What `gradio.mount_gradio_app` is told of the look: `theme`, `css` and `head`."""
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="orange",
        neutral_hue="stone",
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
    ).set(
        body_background_fill=PAPER,
        body_background_fill_dark=NIGHT,
        body_text_color=INK,
        body_text_color_dark=CHALK,
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0",
        block_shadow="none",
    )
    return {"theme": theme, "css": _CSS, "head": HEAD}


_CSS = """
.gradio-container { max-width: none !important; padding: 0 !important; background: transparent !important; }
.gradio-container > main, .gradio-container .fillable
{ padding: 0 !important; margin: 0 !important; max-width: none !important; }
#personify, #personify > div { padding: 0 !important; border: 0 !important; overflow: visible !important; }
"""
