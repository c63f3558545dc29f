"""Who may send and who may look: workspaces, keys, source definitions, users, sessions."""
