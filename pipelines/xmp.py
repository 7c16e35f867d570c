"""XMP: a packet that photo tools, search engines and newsrooms read, and the few words that are looked for in others'.

The terms are the IPTC's: `DigitalSourceType` and, since the Photo Metadata Standard 2025.1, the AI properties.
"""

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from personify.avatar.heads import BUILTIN

if TYPE_CHECKING:
    from personify.pipelines.provenance import Provenance

_SOURCE = re.compile(r"digitalsourcetype/(\w{1,60})")
_UNTOLD = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 can't hold."""
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
{properties}>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def packet(said: "Provenance") -> str:
    """The packet of a file: that and how it was made by machine, by which software, and from which words."""
    from personify.pipelines.provenance import SOURCE_TYPES, sentence, title_of

    machines = [each.drawn.expert for each in said.characters if each.drawn and not each.drawn.kept]
    machines += [voice.voice_model or voice.tone for each in said.characters for voice in each.voices if voice.tone]
    machines += [said.head] if said.head and said.head != BUILTIN else []
    properties = {"xmp:CreatorTool": f"{said.software} {said.version}"}
    if said.source_type is not None:
        properties |= {
            "Iptc4xmpExt:DigitalSourceType": f"{SOURCE_TYPES}{said.source_type}",
            "Iptc4xmpExt:AISystemUsed": ": ".join(filter(None, (said.software, ", ".join(dict.fromkeys(machines))))),
            "Iptc4xmpExt:AISystemVersionUsed": said.version,
        }
    words = "; ".join(each.description for each in said.characters if each.description)
    if words and said.source_type is not None:
        properties["Iptc4xmpExt:AIPromptInformation"] = words
    if said.created:
        properties["xmp:CreateDate"] = said.created
    return _PACKET.format(
        properties="\n".join(f"    {name}={quoteattr(_told(text))}" for name, text in properties.items()),
        title=_escaped(title_of(said)),
        description=_escaped(sentence(said)),
    )


def source_type_in(packet: str) -> str | None:
    """The IPTC's term for where a file comes from, in anybody's packet. It is looked for, not parsed: nothing in it is
    expanded or fetched."""
    found = _SOURCE.search(packet)
    return found[1] if found else None


def _told(text: str) -> str:
    return _UNTOLD.sub("", text)


def _escaped(text: str) -> str:
    return _told(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
