"""What goes out to people and to other systems. Each way out is a folder in `channels/`."""
