"""Who is calling and what they may do; what ends with a session, and how sessions end."""
