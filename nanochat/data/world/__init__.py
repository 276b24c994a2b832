"""A small fictional world that a seed draws documents, conversations and questions from."""

from nanochat.data.world.chats import Chat, chat
from nanochat.data.world.documents import Document, document
from nanochat.data.world.readings import reading
from nanochat.data.world.tasks import TASKS, Question, chosen, question, verify

__all__ = [
    "TASKS",
    "Chat",
    "Document",
    "Question",
    "chat",
    "chosen",
    "document",
    "question",
    "reading",
    "verify",
]
