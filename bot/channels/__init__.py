"""The channels: one file each, one line each in CHANNELS (see bot.channels.table)."""
