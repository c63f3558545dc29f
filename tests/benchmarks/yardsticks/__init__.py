"""What Farthing is measured against, each a process of its own that is given its port or its time, and a folder."""
