"""Personal data: hidden before anything but a clerk reads it, shown to its owner, erased on demand and in time."""
