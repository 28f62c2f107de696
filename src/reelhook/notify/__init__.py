"""What goes out to people and to other systems. Each way out is a folder in `channels/`.

Offers `Telling`, the room wired, and `Teller`, which listens to what happens.
"""
