"""Export Telegram chats to files that their owner keeps."""

__version__ = "0.1.0"
