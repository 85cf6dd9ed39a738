"""The sandbox's part of Amazon Q Developer in chat applications."""

from workbench.sandbox.chatbot import reads, rows
from workbench.sandbox.making.tagging import tag_resource
from workbench.sandbox.service import Service

CHATBOT = Service(
    resources=rows.RESOURCES,
    reads=reads.READS,
    tagging={"chatbot": tag_resource("ResourceARN")},
    supplement="workbench.sandbox.chatbot.supplement",
)
